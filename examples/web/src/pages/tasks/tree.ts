import type { Task } from "@trackit/sdk";

export interface Node {
  task: Task;
  /** 0 at the top. */
  depth: number;
}

/** Puts subtasks below their parents where both are in the list, keeping the order among siblings. */
export function nest(tasks: readonly Task[]): Node[] {
  const known = new Set(tasks.map((task) => task.id));
  const children = new Map<string | null, Task[]>();
  for (const task of tasks) {
    const parent = task.parentId && known.has(task.parentId) ? task.parentId : null;
    children.set(parent, [...(children.get(parent) ?? []), task]);
  }
  const below = (parent: string | null, depth: number): Node[] =>
    (children.get(parent) ?? []).flatMap((task) => [{ task, depth }, ...below(task.id, depth + 1)]);
  return below(null, 0);
}
