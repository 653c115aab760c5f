import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import type { Change, Watch, WatchOptions } from "../live/types.ts";
import { foundAmong, watchOn } from "../live/view.ts";
import { profileTimeZone } from "../profiles/time-zone.ts";
import { noted } from "../rows/keeper.ts";
import { TASK_STATUSES, taskFilter } from "../schema/task.ts";
import { timeZoneOnly } from "../schema/values.ts";
import type { RowOf } from "../transport/rest.ts";
import { FINISHED, listTasks } from "./list.ts";
import { toTask } from "./shape.ts";
import type { Task, TaskFilter } from "./types.ts";

export function watchTasks(
  connection: Connection,
  filter: TaskFilter,
  listener: (change: Change<Task>) => void,
  options: WatchOptions = {},
): Watch {
  const { timeZone } = options;
  const action = "tasks.watch";
  const wanted = checked(taskFilter, filter, action);
  if (timeZone !== undefined) checked(timeZoneOnly, { timeZone }, action);
  return watchOn(
    connection,
    {
      table: "tasks",
      action,
      filter: wanted,
      finished: FINISHED,
      statuses: TASK_STATUSES,
      list: (instead) => listTasks(connection, { ...wanted, ...instead } as TaskFilter, { timeZone }),
      found: (ids, signal) => foundAmong(connection, "tasks", wanted.search ?? "", ids, signal),
      namesZone: timeZone !== undefined,
      timeZone: async (signal) => timeZone ?? profileTimeZone(connection, action, signal),
      toOut: (row) => noted(connection, "tasks", toTask(row as RowOf<"tasks">)),
      own: (task) => isIn(task, wanted),
    },
    listener,
    options,
  );
}

/** The parts of a filter that only tasks have. */
export function isIn(task: Task, { goalId, parentId, tag, tags = [] }: TaskFilter): boolean {
  if (goalId !== undefined && task.goalId !== goalId) return false;
  if (parentId !== undefined && task.parentId !== parentId) return false;
  return (tag === undefined || task.tags.includes(tag)) && tags.every((one) => task.tags.includes(one));
}
