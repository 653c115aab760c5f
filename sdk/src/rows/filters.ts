import type { Connection } from "../connect.ts";
import { dueWindow } from "../due/window.ts";
import { type Query, type RowOf, searched } from "../transport/rest.ts";
import type { DueFilter, JsonObject } from "../types.ts";

/** The filters that goals and tasks share, checked. */
export interface ThingFilter {
  status?: readonly string[] | undefined;
  priority?: readonly number[] | undefined;
  due?: DueFilter | undefined;
  custom?: JsonObject | undefined;
  search?: string | undefined;
  deleted?: boolean | undefined;
}

/**
 * Words are looked up by a function, which finds them through an index; a filter on the table would read all of the
 * owner's rows, since policies keep full-text operators from choosing the way (docs/decisions/0003).
 */
export function sourceFor<Table extends "goals" | "tasks">(
  { client }: Connection,
  table: Table,
  { search }: ThingFilter,
): { source?: () => Query<RowOf<Table>> } {
  return search === undefined ? {} : { source: () => searched(client, table, search) };
}

export interface Clock {
  now: number;
  timeZone: string;
  /** States that a row does not leave by itself: such rows are never overdue. */
  finished: readonly string[];
}

export function applyThingFilter<Row>(query: Query<Row>, filter: ThingFilter, clock: Clock): Query<Row> {
  let narrowed = filter.deleted ? query.not("deleted_at", "is", null) : query.is("deleted_at", null);
  if (filter.status) narrowed = narrowed.in("status", filter.status);
  if (filter.priority) narrowed = narrowed.in("priority", filter.priority);
  if (filter.custom) narrowed = narrowed.contains("custom", filter.custom);
  return filter.due ? applyDue(narrowed, filter.due, clock) : narrowed;
}

/** `due_sort` is indexed and has `infinity` for rows without a due time. */
function applyDue<Row>(query: Query<Row>, due: DueFilter, { now, timeZone, finished }: Clock): Query<Row> {
  const { from, to, none, unfinished } = dueWindow(due, now, timeZone);
  if (none) return query.is("due_at", null);
  let narrowed = query.lt("due_sort", to ?? "infinity");
  if (from) narrowed = narrowed.gte("due_sort", from);
  return unfinished ? narrowed.not("status", "in", `(${finished.join(",")})`) : narrowed;
}

/** A Postgres array literal; postgrest-js would join the values as they are, commas and all. */
export function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
