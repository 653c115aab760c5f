import type { Goal, Task } from "@trackit/sdk";

/** What a change can be about. */
export interface Tables {
  goals: Goal;
  tasks: Task;
}

type Listener<Row> = (row: Row) => void;

const listeners: { [Name in keyof Tables]: Set<Listener<Tables[Name]>> } = {
  goals: new Set(),
  tasks: new Set(),
};

/** Tells every list on the page what a row looks like now, after a write of this page or of another device. */
export function publish<Name extends keyof Tables>(table: Name, row: Tables[Name]): void {
  for (const listener of listeners[table]) listener(row);
}

export function subscribe<Name extends keyof Tables>(
  table: Name,
  listener: Listener<Tables[Name]>,
): () => void {
  listeners[table].add(listener);
  return () => listeners[table].delete(listener);
}
