/** A schedule that can say when it was last due. */
export interface Cron {
  /** The latest moment at or before `now` at which it is due, in milliseconds since the epoch; null where there is none. */
  last(now: number): number | null;
}

interface Field {
  name: string;
  least: number;
  most: number;
}

const fields: readonly Field[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day", least: 1, most: 31 },
  { name: "month", least: 1, most: 12 },
  // Sunday has two numbers.
  { name: "weekday", least: 0, most: 7 },
];

const day = 86_400_000;

/** The 29th of February comes every four years, but not in 1900 or 2100: eight years hold one. */
const longest = 8 * 366;

/**
 * Reads what pg_cron reads: minute, hour, day, month and weekday in UTC, each a `*`, numbers, ranges and steps; or
 * `N seconds`. Where day and weekday are both given, either is enough.
 * @throws Error naming field and value where it is neither
 */
export function parseCron(text: string): Cron {
  const seconds = /^([1-9]|[1-5]\d) seconds$/.exec(text)?.[1];
  if (seconds !== undefined) return everySeconds(Number(seconds));
  const words = text.split(" ");
  if (words.length !== fields.length)
    throw new Error(`cannot read the schedule "${text}": want five fields, or "10 seconds"`);
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = fields.map((field, at) =>
    numbersOf(words[at] ?? "", field),
  );
  const isDay = dayMatcher({ days, months, weekdays, free: [words[2], words[4]].map(isFree) });
  return { last: (now) => latest(now, isDay, hours, minutes) };
}

const everySeconds = (seconds: number): Cron => ({
  last: (now) => Math.floor(now / (seconds * 1000)) * seconds * 1000,
});

/** As in the original cron, a step of `*` is no restriction either. */
const isFree = (word = "") => word.startsWith("*");

/** pg_cron knows a step of `*` or of a range alone: `5-59/20`, never `5/20`. */
const form = /^(?:(?:\*|(\d+)-(\d+))(?:\/(\d+))?|(\d+))$/;

/** The numbers that a field stands for, largest first. */
function numbersOf(word: string, field: Field): number[] {
  const found = new Set<number>();
  for (const item of word.split(",")) {
    const [read, from, to, step = 1, single] = form.exec(item) ?? [];
    const first = Number(single ?? from ?? field.least);
    const last = Number(single ?? to ?? field.most);
    const by = Number(step);
    if (read === undefined || first < field.least || last > field.most || first > last || by < 1)
      throw new Error(
        `cannot read the schedule's ${field.name} "${item}": want ${field.least} to ${field.most}`,
      );
    for (let number = first; number <= last; number += by) found.add(number);
  }
  return [...found].sort((a, b) => b - a);
}

interface Days {
  days: number[];
  months: number[];
  weekdays: number[];
  /** Whether day and weekday are open. */
  free: boolean[];
}

function dayMatcher({ days, months, weekdays, free: [anyDay, anyWeekday] }: Days): (date: Date) => boolean {
  const isWeekday = new Set(weekdays.map((weekday) => weekday % 7));
  return (date) => {
    if (!months.includes(date.getUTCMonth() + 1)) return false;
    const byDay = days.includes(date.getUTCDate());
    const byWeekday = isWeekday.has(date.getUTCDay());
    return anyDay || anyWeekday ? byDay && byWeekday : byDay || byWeekday;
  };
}

function latest(
  now: number,
  isDay: (date: Date) => boolean,
  hours: number[],
  minutes: number[],
): number | null {
  const today = Math.floor(now / day) * day;
  for (let start = today; start > today - longest * day; start -= day) {
    if (!isDay(new Date(start))) continue;
    for (const hour of hours)
      for (const minute of minutes) {
        const moment = start + (hour * 60 + minute) * 60_000;
        if (moment <= now) return moment;
      }
  }
  return null;
}
