import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import { profileTimeZone } from "../profiles/time-zone.ts";
import { timeZoneOnly } from "../schema/values.ts";
import type { DueFilter, ListOptions } from "../types.ts";
import type { Clock } from "./filters.ts";

/**
 * The moment that "overdue" and "today" refer to: one for a whole list, so that its pages agree, and the time zone,
 * which is looked up only for filters in which days count.
 */
export function clockFor(
  connection: Connection,
  due: DueFilter | undefined,
  finished: readonly string[],
  { timeZone }: ListOptions,
  action: string,
): (signal?: AbortSignal) => Promise<Clock> {
  if (timeZone !== undefined) checked(timeZoneOnly, { timeZone }, action);
  const daysCount = due === "today" || due === "soon";
  let now: number | null = null;
  return async (signal) => {
    now ??= Date.now();
    const zone = timeZone ?? (daysCount ? await profileTimeZone(connection, action, signal) : "UTC");
    return { now, timeZone: zone, finished };
  };
}
