import type { Task } from "@trackit/sdk";
import { publish, seenRows } from "./changes.ts";

interface Deletable {
  id: string;
  deletedAt: string | null;
}

/** The subtasks of a task, at every depth. */
export function below(tasks: readonly Task[], id: string): Task[] {
  const children = tasks.filter((task) => task.parentId === id);
  return [...children, ...children.flatMap((child) => below(tasks, child.id))];
}

/** Shows the subtasks of a task go and come back with it, as the database will have it. */
export function publishSubtasks(was: Deletable | null, now: Deletable): void {
  follow(was, now, below(seenRows("tasks"), now.id));
}

/** The same for the tasks of a goal. */
export function publishTasks(was: Deletable | null, now: Deletable): void {
  follow(
    was,
    now,
    seenRows("tasks").filter((task) => task.goalId === now.id),
  );
}

function follow(was: Deletable | null, { deletedAt }: Deletable, tasks: readonly Task[]): void {
  const along = tasks.filter((task) => task.deletedAt === (was?.deletedAt ?? null));
  for (const task of along) publish("tasks", { ...task, deletedAt });
}
