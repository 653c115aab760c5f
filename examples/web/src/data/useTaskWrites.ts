import type { NewTask, Place, Task, TaskPatch, TaskStatus } from "@trackit/sdk";
import { useMemo } from "react";
import { useClient } from "../app/client.tsx";
import { useToast } from "../app/toasts.tsx";
import { useWords } from "../i18n/language.tsx";
import { publish, refresh } from "./changes.ts";
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

/** Every write of tasks: the lists on the page follow at once, and the goal's progress after it. */
export function useTaskWrites(): TaskWrites {
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const { t } = useWords();
  return useMemo(() => {
    const settled = (task: Task): Task => {
      publish("tasks", task);
      // The database computes progress; a failure here leaves an old bar until the next load, nothing worse.
      if (task.goalId)
        client.goals.get(task.goalId).then(
          (goal) => publish("goals", goal),
          () => undefined,
        );
      return task;
    };
    // Subtasks are deleted, restored and moved together with their task, by the database.
    const restore = (task: Task) =>
      act(async () => {
        settled(await client.tasks.restore(task.id));
        refresh("tasks");
        say(t.tasks.restored(task.title));
      });
    return {
      create: async (task) => settled(await client.tasks.create(task)),
      async update(task, patch) {
        const saved = settled(await client.tasks.update(task.id, patch, { version: task.version }));
        if (task.goalId !== saved.goalId) {
          refresh("tasks");
          refresh("goals");
        }
        return saved;
      },
      async setStatus(task, status) {
        publish("tasks", { ...task, status });
        const done = await act(async () => settled(await client.tasks.setStatus(task.id, status)));
        if (!done) publish("tasks", task);
      },
      reorder: (task, place) => act(async () => publish("tasks", await client.tasks.reorder(task.id, place))),
      remove: (task) =>
        act(async () => {
          settled(await client.tasks.remove(task.id));
          refresh("tasks");
          say(t.tasks.deleted(task.title), { action: { label: t.app.undo, run: () => void restore(task) } });
        }),
      restore,
    };
  }, [client, act, say, t]);
}
