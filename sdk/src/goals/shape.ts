import { camelRow } from "../rows/camel.ts";
import type { RowOf } from "../transport/rest.ts";
import type { JsonObject, Priority } from "../types.ts";
import type { Goal } from "./types.ts";

/** The database's checks are what makes these narrower types true. */
export function toGoal(row: RowOf<"goals">): Goal {
  const { search: _search, dueSort: _dueSort, ...goal } = camelRow(row);
  return { ...goal, priority: goal.priority as Priority, custom: goal.custom as JsonObject };
}
