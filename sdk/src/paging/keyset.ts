import type { Query } from "../transport/rest.ts";
import type { Direction } from "../types.ts";
import type { Cursor } from "./cursor.ts";

/** An order that an index serves: a column that is never null, then the id. */
export interface Order {
  column: string;
  direction: Direction;
}

export function orderName({ column, direction }: Order): string {
  return `${column}.${direction}`;
}

/**
 * Sorts, and starts behind the cursor. The `or` alone would be right; the plain bound beside it lets Postgres begin
 * reading at the cursor instead of dropping every row before it.
 */
export function seek<Row>(
  query: Query<Row>,
  { column, direction }: Order,
  cursor: Cursor | null,
): Query<Row> {
  const ascending = direction === "asc";
  const sorted = query.order(column, { ascending }).order("id", { ascending });
  if (!cursor) return sorted;
  const beyond = ascending ? "gt" : "lt";
  const value = quoted(cursor.value);
  const bounded = ascending ? sorted.gte(column, cursor.value) : sorted.lte(column, cursor.value);
  return bounded.or(
    `${column}.${beyond}.${value},and(${column}.eq.${value},id.${beyond}.${quoted(cursor.id)})`,
  );
}

/** Inside `or(...)`, commas, dots and parentheses of a value would be read as syntax. */
function quoted(value: string | number): string {
  return typeof value === "number" ? String(value) : `"${value.replace(/["\\]/g, "\\$&")}"`;
}
