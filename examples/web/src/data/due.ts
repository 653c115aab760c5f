/** A due day, with an hour or without: without one it is kept as the end of its day. @returns null for no day */
export function dueFrom(day: string, time: string): Date | null {
  if (day === "") return null;
  const at = new Date(`${day}T${time === "" ? "23:59" : time}`);
  return Number.isNaN(at.getTime()) ? null : at;
}

const two = (n: number) => String(n).padStart(2, "0");

/** What a date field shows for a point in time, in the device's zone: `2026-11-20`. */
export function dayField(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** What a time field shows: `18:00`. */
export function timeField(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The first moment of the day `days` after that of `now`. */
export function startOfDay(now: Date, days = 0): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
}

/** The device's time zone, in which "today" is meant. */
export function deviceTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
