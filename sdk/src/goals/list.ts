import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import { clockFor } from "../rows/clock.ts";
import { applyThingFilter, sourceFor } from "../rows/filters.ts";
import { noted } from "../rows/keeper.ts";
import { listRows } from "../rows/list.ts";
import { orderOf } from "../rows/order.ts";
import { goalFilter } from "../schema/goal.ts";
import type { Query, RowOf } from "../transport/rest.ts";
import type { Listing, ListOptions } from "../types.ts";
import { toGoal } from "./shape.ts";
import type { Goal, GoalFilter, GoalStatus } from "./types.ts";

export const FINISHED: readonly GoalStatus[] = ["done", "dropped", "archived"];

export function listGoals(connection: Connection, filter: GoalFilter, options: ListOptions): Listing<Goal> {
  const action = "goals.list";
  const wanted = checked(goalFilter, filter, action);
  const clock = clockFor(connection, wanted.due, FINISHED, options, action);
  const filters = async (signal?: AbortSignal) => {
    const at = await clock(signal);
    return (query: Query<RowOf<"goals">>) => applyThingFilter(query, wanted, at);
  };
  const toOut = (row: RowOf<"goals">): Goal => noted(connection, "goals", toGoal(row));
  const order = orderOf(wanted.sort, wanted.direction);
  const source = sourceFor(connection, "goals", wanted);
  return listRows({ connection, table: "goals", order, filters, toOut, ...source }, options, action);
}
