import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import { createRows, prepare } from "../rows/create.ts";
import type { Entity } from "../rows/entity.ts";
import { noted } from "../rows/keeper.ts";
import { getRow } from "../rows/read.ts";
import { removeRow, restoreRow } from "../rows/remove.ts";
import { reorderRow, type Siblings } from "../rows/reorder.ts";
import { updateRow } from "../rows/update.ts";
import { newTask, newTasks, taskPatch } from "../schema/task.ts";
import type { RowOf } from "../transport/rest.ts";
import type { CallOptions, WriteOptions } from "../types.ts";
import { listTasks, sameOrNull } from "./list.ts";
import { toTask } from "./shape.ts";
import type { NewTask, Task, TaskPatch, Tasks } from "./types.ts";
import { watchTasks } from "./watch.ts";

/** A task has its place among the tasks of its goal that stand below the same task. */
export const taskSiblings: Siblings<RowOf<"tasks">> = (query, of) =>
  sameOrNull(sameOrNull(query, "goal_id", of.goal_id), "parent_id", of.parent_id);

export function taskEntity(connection: Connection): Entity<"tasks", Task> {
  return { connection, table: "tasks", toOut: (row) => noted(connection, "tasks", toTask(row)) };
}

export function createTasksOn(connection: Connection): Tasks {
  const entity = taskEntity(connection);

  async function create(task: NewTask, { signal }: CallOptions = {}): Promise<Task> {
    const rows = [prepare(checked(newTask, task, "tasks.create"))];
    const [made] = await createRows(entity, rows, "tasks.create", signal);
    return made as Task;
  }

  async function createMany(tasks: readonly NewTask[], { signal }: CallOptions = {}): Promise<Task[]> {
    const rows = checked(newTasks, tasks, "tasks.createMany").map(prepare);
    return createRows(entity, rows, "tasks.createMany", signal);
  }

  async function change(
    id: string,
    patch: TaskPatch,
    options: WriteOptions | undefined,
    action: string,
  ): Promise<Task> {
    return updateRow(entity, id, checked(taskPatch, patch, action), options ?? {}, action);
  }

  return {
    create,
    createMany,
    get: async (id, options) => entity.toOut(await getRow(entity, id, "tasks.get", options?.signal)),
    list: (filter, options) => listTasks(connection, filter ?? {}, options ?? {}),
    watch: (filter, listener, options) => watchTasks(connection, filter, listener, options),
    update: (id, patch, options) => change(id, patch, options, "tasks.update"),
    setStatus: (id, status, options) => change(id, { status }, options, "tasks.setStatus"),
    reschedule: (id, dueAt, options) => change(id, { dueAt }, options, "tasks.reschedule"),
    reorder: (id, place, options) =>
      reorderRow(entity, taskSiblings, id, place, options ?? {}, "tasks.reorder"),
    remove: (id, options) => removeRow(entity, id, options ?? {}, "tasks.remove"),
    restore: (id, options) => restoreRow(entity, id, {}, options?.signal, "tasks.restore"),
  };
}
