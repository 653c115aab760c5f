import type { Dictionary } from "./en.ts";

/** Dates, numbers and days as people of one language write them. */
export interface Format {
  /** "20 Nov 2026". */
  date(iso: string): string;
  /** "20 Nov 2026, 18:00". */
  dateTime(iso: string): string;
  time(iso: string): string;
  percent(share: number): string;
  number(value: number): string;
  /** "today, 18:00", "tomorrow", "20 Nov"; the year only where it is another one; the time only where it was set. */
  due(iso: string, now?: Date): string;
  /** "Today", "Yesterday" or the weekday with its date. */
  dayHeading(iso: string, now?: Date): string;
}

/** Whole days from `from` to `to` in the device's time zone; 1 is tomorrow. */
export function daysBetween(from: Date, to: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day(to) - day(from)) / 86_400_000);
}

/** A due time without an hour of its own is kept as the end of its day. */
export function isWholeDay(date: Date): boolean {
  return date.getHours() === 23 && date.getMinutes() === 59;
}

export function createFormat(language: string, words: Dictionary): Format {
  const of = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options);
  const date = of({ dateStyle: "medium" });
  const dateTime = of({ dateStyle: "medium", timeStyle: "short" });
  const time = of({ timeStyle: "short" });
  const day = of({ day: "numeric", month: "short" });
  const heading = of({ weekday: "long", day: "numeric", month: "long" });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const number = new Intl.NumberFormat(language);
  const near: Record<string, string> = {
    "-1": words.tasks.yesterday,
    "0": words.tasks.today,
    "1": words.tasks.tomorrow,
  };
  return {
    date: (iso) => date.format(new Date(iso)),
    dateTime: (iso) => dateTime.format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
    percent: (share) => percent.format(share),
    number: (value) => number.format(value),
    due(iso, now = new Date()) {
      const at = new Date(iso);
      const sameYear = at.getFullYear() === now.getFullYear();
      const name = near[String(daysBetween(now, at))] ?? (sameYear ? day : date).format(at);
      return isWholeDay(at) ? name : `${name}, ${time.format(at)}`;
    },
    dayHeading(iso, now = new Date()) {
      const at = new Date(iso);
      const days = daysBetween(now, at);
      if (days === 0) return words.activity.today;
      return days === -1 ? words.activity.yesterday : heading.format(at);
    },
  };
}
