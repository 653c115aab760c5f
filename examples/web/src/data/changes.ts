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

const stale: { [Name in keyof Tables]: Set<() => void> } = { goals: new Set(), tasks: new Set() };

/** Has every list on the page load again: after a write that changed more rows than the one that came back. */
export function refresh(table: keyof Tables): void {
  for (const listener of stale[table]) listener();
}

/** Calls back on `refresh`; returns its own unsubscribe. */
export function onRefresh(table: keyof Tables, listener: () => void): () => void {
  stale[table].add(listener);
  return () => stale[table].delete(listener);
}

export function subscribe<Name extends keyof Tables>(
  table: Name,
  listener: Listener<Tables[Name]>,
): () => void {
  listeners[table].add(listener);
  return () => listeners[table].delete(listener);
}
