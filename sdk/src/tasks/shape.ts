import { camelRow } from "../rows/camel.ts";
import type { RowOf } from "../transport/rest.ts";
import type { JsonObject, Priority } from "../types.ts";
import type { Task } from "./types.ts";

/** The database's checks are what makes these narrower types true. */
export function toTask(row: RowOf<"tasks">): Task {
  const { search: _search, dueSort: _dueSort, ...task } = camelRow(row);
  return { ...task, priority: task.priority as Priority, custom: task.custom as JsonObject };
}
