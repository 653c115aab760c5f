import type { Order } from "../paging/keyset.ts";
import type { Direction } from "../types.ts";

/** Columns that are never null and that an index serves. */
const COLUMNS = {
  position: "position",
  createdAt: "created_at",
  updatedAt: "updated_at",
  dueAt: "due_sort",
  priority: "priority",
} as const;

export type Sort = keyof typeof COLUMNS;

/** Own order and deadlines count up; times of change and priority count down. */
const NATURAL: Record<Sort, Direction> = {
  position: "asc",
  createdAt: "desc",
  updatedAt: "desc",
  dueAt: "asc",
  priority: "desc",
};

export function orderOf(sort: Sort = "position", direction: Direction = NATURAL[sort]): Order {
  return { column: COLUMNS[sort], direction };
}
