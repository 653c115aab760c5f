import type { NewTask, Place, Task, TaskPatch, TaskStatus, TrackIt } from "@trackit/sdk";
import { useMemo } from "react";
import { useClient } from "../app/client.tsx";
import { useToast } from "../app/toasts.tsx";
import { useWords } from "../i18n/language.tsx";
import { publish, refresh, seenRow } from "./changes.ts";
import { publishSubtasks } from "./family.ts";
import { place, shownPosition, unplace } from "./place.ts";
import { useAction } from "./useAction.ts";

export interface TaskWrites {
  /** These two throw, for forms that show the error at its field. */
  create(task: NewTask): Promise<Task>;
  update(task: Task, patch: TaskPatch): Promise<Task>;
  /** These tell what goes wrong in a toast. */
  setStatus(task: Task, status: TaskStatus): Promise<void>;
  reorder(task: Task, place: Place): Promise<boolean>;
  remove(task: Task): Promise<boolean>;
  restore(task: Task): Promise<boolean>;
}

/** Every write of tasks: the lists on the page follow at once. */
export function useTaskWrites(): TaskWrites {
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const { t } = useWords();
  return useMemo(() => {
    /** Shows what was written; rows that the database changes with it are read anew once it has. */
    const settled = (task: Task, was: Task | null, others: boolean): Task => {
      publish("tasks", task);
      if (others && task.version !== was?.version) refresh("tasks");
      return task;
    };
    const withSubtasks = (task: Task, was: Task): void => {
      publishSubtasks(seenRow("tasks", task.id), task);
      settled(task, was, true);
    };
    const restore = (task: Task) =>
      act(async () => {
        withSubtasks(await client.tasks.restore(task.id), task);
        say(t.tasks.restored(task.title));
      });
    return {
      create: async (task) => settled(await client.tasks.create(task), null, false),
      async update(task, patch) {
        const saved = await client.tasks.update(task.id, patch, { version: task.version });
        return settled(saved, task, task.goalId !== saved.goalId);
      },
      async setStatus(task, status) {
        publish("tasks", { ...task, status });
        const done = await act(async () => {
          settled(await client.tasks.setStatus(task.id, status), task, false);
        });
        if (!done) publish("tasks", task);
      },
      reorder: (task, where) => act(() => move(client, task, where)),
      remove: (task) =>
        act(async () => {
          withSubtasks(await client.tasks.remove(task.id), task);
          say(t.tasks.deleted(task.title), { action: { label: t.app.undo, run: () => void restore(task) } });
        }),
      restore,
    };
  }, [client, act, say, t]);
}

/** Shows the task at its new place at once; there it stays while the move waits for the network. */
async function move(client: TrackIt, task: Task, where: Place): Promise<void> {
  const before = typeof where === "object" && "after" in where ? seenRow("tasks", where.after) : null;
  place(task.id, before ? shownPosition(before) : "");
  try {
    const moved = await client.tasks.reorder(task.id, where);
    publish("tasks", moved);
    if (moved.version !== task.version) unplace(task.id);
  } catch (error) {
    unplace(task.id);
    throw error;
  }
}
