import { orderOf } from "../rows/order.ts";
import { compareInstants } from "./due.ts";
import type { LiveRow, View } from "./view.ts";

/** The order of the list, for rows that have changed while it was read. */
export function sorted<Row extends LiveRow>(rows: Iterable<Row>, { filter }: View<Row>): Row[] {
  const { sort = "position" } = filter;
  const sign = orderOf(sort, filter.direction).direction === "asc" ? 1 : -1;
  const by = (a: Row, b: Row): number => {
    if (sort === "priority") return a.priority - b.priority;
    if (sort === "position") return byUnits(a.position, b.position);
    const [left, right] = [a[sort], b[sort]];
    // Without a due time: later than everything.
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return compareInstants(left, right);
  };
  return [...rows].sort((a, b) => sign * (by(a, b) || byUnits(a.id, b.id)));
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
