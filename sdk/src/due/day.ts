const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The calendar day that it is somewhere, as days since 1970-01-01. */
export function dayAt(time: number, timeZone: string): number {
  const parts = formatter(timeZone).formatToParts(time);
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day")) / DAY_MS;
}

/**
 * The first moment of a calendar day in a time zone. Searched for rather than computed, so that days that begin at
 * one o'clock (clocks put forward at midnight) or do not exist at all (a move across the date line) come out right.
 */
export function startOfDay(day: number, timeZone: string): number {
  let before = day * DAY_MS - 15 * HOUR_MS; // no zone is further than 14 hours ahead of UTC, or 12 behind
  let after = day * DAY_MS + 15 * HOUR_MS;
  if (dayAt(after, timeZone) < day) after += DAY_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayAt(middle, timeZone) < day) before = middle;
    else after = middle;
  }
  return after;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", {
    timeZone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
  });
  formatters.set(timeZone, made);
  return made;
}
