import { dueWindow } from "../due/window.ts";
import type { DueFilter } from "../types.ts";

const DAY_MS = 86_400_000;
/** Clocks are put right and devices sleep: whoever waits for a moment looks at least this often. */
const LOOK_MS = 3_600_000;

export interface Deadline {
  dueAt: string | null;
  status: string;
}

/**
 * Whether a deadline is within a filter at this moment: `rows/filters.ts` as a test of one row.
 *
 * @param finished States in which nothing is overdue.
 */
export function isDue(row: Deadline, due: DueFilter, at: Moment, finished: readonly string[]): boolean {
  const { from, to, none, unfinished } = dueWindow(due, at.now, at.timeZone);
  if (none) return row.dueAt === null;
  if (unfinished && finished.includes(row.status)) return false;
  if (row.dueAt === null) return false;
  if (to !== undefined && compareInstants(row.dueAt, to) >= 0) return false;
  return from === undefined || compareInstants(row.dueAt, from) >= 0;
}

export interface Moment {
  now: number;
  timeZone: string;
}

/** Whether the passing of time alone lets rows join or leave. */
export function isTimed(due: DueFilter | undefined): due is "overdue" | "today" | "soon" {
  return due === "overdue" || due === "today" || due === "soon";
}

/** A range with everything that will be within the filter up to its end: a day from now, or the next midnight. */
export function ahead(
  due: "overdue" | "today" | "soon",
  { now, timeZone }: Moment,
): { from?: string; to: string } {
  if (due === "overdue") return { to: new Date(now + DAY_MS).toISOString() };
  const midnight = midnightAfter({ now, timeZone });
  const { from } = dueWindow(due, now, timeZone);
  const { to = "" } = dueWindow(due, midnight, timeZone);
  return from === undefined ? { to } : { from, to };
}

/** When to look again at these rows: the next moment at which one of them may join or leave. */
export function nextLook(due: "overdue" | "today" | "soon", rows: Iterable<Deadline>, at: Moment): number {
  let next = at.now + LOOK_MS;
  if (due !== "overdue") next = Math.min(next, midnightAfter(at));
  if (due === "today") return next;
  for (const { dueAt } of rows) {
    const moment = dueAt === null ? Number.NaN : Date.parse(dueAt) + 1;
    if (moment > at.now && moment < next) next = moment;
  }
  return next;
}

function midnightAfter({ now, timeZone }: Moment): number {
  return Date.parse(dueWindow("today", now, timeZone).to ?? "");
}

/** Points in time as Postgres and people write them, to the microsecond. */
export function compareInstants(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b) || micros(a) - micros(b);
}

/** What a Date leaves out: the digits after the milliseconds. */
function micros(instant: string): number {
  return Number((/\.(\d+)/.exec(instant)?.[1] ?? "").padEnd(6, "0").slice(3, 6));
}
