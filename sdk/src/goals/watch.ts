import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import type { Change, Watch, WatchOptions } from "../live/types.ts";
import { foundAmong, watchOn } from "../live/view.ts";
import { profileTimeZone } from "../profiles/time-zone.ts";
import { noted } from "../rows/keeper.ts";
import { GOAL_STATUSES, goalFilter } from "../schema/goal.ts";
import { timeZoneOnly } from "../schema/values.ts";
import type { RowOf } from "../transport/rest.ts";
import { FINISHED, listGoals } from "./list.ts";
import { toGoal } from "./shape.ts";
import type { Goal, GoalFilter } from "./types.ts";

export function watchGoals(
  connection: Connection,
  filter: GoalFilter,
  listener: (change: Change<Goal>) => void,
  options: WatchOptions = {},
): Watch {
  const { timeZone } = options;
  const action = "goals.watch";
  const wanted = checked(goalFilter, filter, action);
  if (timeZone !== undefined) checked(timeZoneOnly, { timeZone }, action);
  return watchOn(
    connection,
    {
      table: "goals",
      action,
      filter: wanted,
      finished: FINISHED,
      statuses: GOAL_STATUSES,
      list: (instead) => listGoals(connection, { ...wanted, ...instead } as GoalFilter, { timeZone }),
      found: (ids, signal) => foundAmong(connection, "goals", wanted.search ?? "", ids, signal),
      namesZone: timeZone !== undefined,
      timeZone: async (signal) => timeZone ?? profileTimeZone(connection, action, signal),
      toOut: (row) => noted(connection, "goals", toGoal(row as RowOf<"goals">)),
      own: () => true,
    },
    listener,
    options,
  );
}
