import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import type { Change, Watch, WatchOptions } from "../live/types.ts";
import { watchOn } from "../live/view.ts";
import { noted } from "../rows/keeper.ts";
import { GOAL_STATUSES, goalFilter } from "../schema/goal.ts";
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
  const action = "goals.watch";
  const wanted = checked(goalFilter, filter, action);
  return watchOn(
    connection,
    {
      table: "goals",
      action,
      filter: wanted,
      finished: FINISHED,
      statuses: GOAL_STATUSES,
      list: (instead) => listGoals(connection, { ...wanted, ...instead } as GoalFilter, options),
      toOut: (row) => noted(connection, "goals", toGoal(row as RowOf<"goals">)),
      own: () => true,
    },
    listener,
    options,
  );
}
