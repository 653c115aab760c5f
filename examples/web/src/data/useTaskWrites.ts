import type { NewTask, Place, Task, TaskPatch, TaskStatus } from "@trackit/sdk";
import { useMemo } from "react";
import { useClient } from "../app/client.tsx";
import { useToast } from "../app/toasts.tsx";
import { useWords } from "../i18n/language.tsx";
import { publish, refresh, seenRow } from "./changes.ts";
import { shownPlace } from "./place.ts";
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
    const settled = (was: Task | null, now: Task): Task => {
      // What waits for the network knows nothing of a place that the row was given on this page.
      const task = was?.version === now.version ? { ...now, position: was.position } : now;
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
        settled(task, await client.tasks.restore(task.id));
        refresh("tasks");
        say(t.tasks.restored(task.title));
      });
    return {
      create: async (task) => settled(null, await client.tasks.create(task)),
      async update(task, patch) {
        const saved = settled(task, await client.tasks.update(task.id, patch, { version: task.version }));
        if (task.goalId !== saved.goalId) {
          refresh("tasks");
          refresh("goals");
        }
        return saved;
      },
      async setStatus(task, status) {
        publish("tasks", { ...task, status });
        const done = await act(async () => settled(task, await client.tasks.setStatus(task.id, status)));
        if (!done) publish("tasks", task);
      },
      async reorder(task, place) {
        publish("tasks", { ...task, position: placeOf(place) });
        const done = await act(async () => {
          const moved = await client.tasks.reorder(task.id, place);
          // A move that waits for the network has the old position still.
          if (moved.version !== task.version) publish("tasks", moved);
        });
        if (!done) publish("tasks", task);
        return done;
      },
      remove: (task) =>
        act(async () => {
          settled(task, await client.tasks.remove(task.id));
          refresh("tasks");
          say(t.tasks.deleted(task.title), { action: { label: t.app.undo, run: () => void restore(task) } });
        }),
      restore,
    };
  }, [client, act, say, t]);
}

function placeOf(place: Place): string {
  return shownPlace(
    typeof place === "object" && "after" in place ? (seenRow("tasks", place.after)?.position ?? "") : "",
  );
}
