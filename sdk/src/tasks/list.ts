import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import { clockFor } from "../rows/clock.ts";
import { applyThingFilter, arrayLiteral, sourceFor } from "../rows/filters.ts";
import { noted } from "../rows/keeper.ts";
import { listRows } from "../rows/list.ts";
import { orderOf } from "../rows/order.ts";
import { taskFilter } from "../schema/task.ts";
import type { Query, RowOf } from "../transport/rest.ts";
import type { Listing, ListOptions } from "../types.ts";
import { toTask } from "./shape.ts";
import type { Task, TaskFilter, TaskStatus } from "./types.ts";

export const FINISHED: readonly TaskStatus[] = ["done", "cancelled"];

export function listTasks(connection: Connection, filter: TaskFilter, options: ListOptions): Listing<Task> {
  const action = "tasks.list";
  const wanted = checked(taskFilter, filter, action);
  const { goalId, parentId } = wanted;
  const tags = [...(wanted.tags ?? []), ...(wanted.tag === undefined ? [] : [wanted.tag])];
  const clock = clockFor(connection, wanted.due, FINISHED, options, action);
  const filters = async (signal?: AbortSignal) => {
    const at = await clock(signal);
    return (query: Query<RowOf<"tasks">>) => {
      let narrowed = applyThingFilter(query, wanted, at);
      if (goalId !== undefined) narrowed = sameOrNull(narrowed, "goal_id", goalId);
      if (parentId !== undefined) narrowed = sameOrNull(narrowed, "parent_id", parentId);
      return tags.length > 0 ? narrowed.contains("tags", arrayLiteral(tags)) : narrowed;
    };
  };
  const toOut = (row: RowOf<"tasks">): Task => noted(connection, "tasks", toTask(row));
  const order = orderOf(wanted.sort, wanted.direction);
  const source = sourceFor(connection, "tasks", wanted);
  return listRows({ connection, table: "tasks", order, filters, toOut, ...source }, options, action);
}

export function sameOrNull<Row>(query: Query<Row>, column: string, value: string | null): Query<Row> {
  return value === null ? query.is(column, null) : query.eq(column, value);
}
