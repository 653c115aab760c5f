import type { DueFilter, Instant } from "../types.ts";
import { dayAt, startOfDay } from "./day.ts";

/** What a due filter asks of a row: due at or after `from`, before `to`; `unfinished` rows only. */
export interface DueWindow {
  from?: string;
  to?: string;
  /** Only rows without a due time. */
  none?: true;
  unfinished?: true;
}

/** "soon" reaches this many days beyond today. */
const SOON_DAYS = 7;

/**
 * @param now Milliseconds since 1970.
 * @param timeZone IANA name; decides where days begin.
 */
export function dueWindow(due: DueFilter, now: number, timeZone: string): DueWindow {
  if (due === "none") return { none: true };
  if (due === "overdue") return { to: iso(now), unfinished: true };
  if (due === "today") {
    const today = dayAt(now, timeZone);
    return { from: iso(startOfDay(today, timeZone)), to: iso(startOfDay(today + 1, timeZone)) };
  }
  if (due === "soon") {
    const end = startOfDay(dayAt(now, timeZone) + SOON_DAYS + 1, timeZone);
    return { from: iso(now), to: iso(end), unfinished: true };
  }
  return {
    ...(due.from === undefined ? {} : { from: iso(due.from) }),
    ...(due.to === undefined ? {} : { to: iso(due.to) }),
  };
}

function iso(time: number | Instant): string {
  return typeof time === "string" ? time : new Date(time).toISOString();
}
