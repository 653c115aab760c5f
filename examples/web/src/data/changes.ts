import type { Goal, Task } from "@trackit/sdk";
import { heard, wroteHere } from "./news.ts";

/** What a change can be about. */
export interface Tables {
  goals: Goal;
  tasks: Task;
}

/**
 * - `row`: how a row looks now; `here` when it was written on this page, so that its writer sees it at once
 * - `gone`: the row is deleted, or not to be read any more
 * - `all`: every row there is, deleted ones aside: whatever else a list shows is out of date
 */
export type Change<Row> =
  | { kind: "row"; row: Row; here: boolean }
  | { kind: "gone"; id: string }
  | { kind: "all"; rows: ReadonlyMap<string, Row> };

type Listener<Row> = (change: Change<Row>) => void;

const listeners: { [Name in keyof Tables]: Set<Listener<Tables[Name]>> } = {
  goals: new Set(),
  tasks: new Set(),
};

/** The rows that this page has seen, as they were last: what it can show where the server cannot be asked. */
const seen: { [Name in keyof Tables]: Map<string, Tables[Name]> } = {
  goals: new Map(),
  tasks: new Map(),
};

/** Tables that this page has seen whole. */
const whole = new Set<keyof Tables>();

function tell<Name extends keyof Tables>(table: Name, change: Change<Tables[Name]>): void {
  for (const listener of listeners[table]) listener(change);
}

/** Tells everything on the page what a row looks like now that it was written here. */
export function publish<Name extends keyof Tables>(table: Name, row: Tables[Name]): void {
  wroteHere();
  note(table, [row]);
  tell(table, { kind: "row", row, here: true });
}

/** Tells everything on the page what a row was like when it was read. */
export function reread<Name extends keyof Tables>(table: Name, row: Tables[Name]): void {
  note(table, [row]);
  tell(table, { kind: "row", row, here: false });
}

/** Tells everything on the page what another device has made of a row. */
export function arrive<Name extends keyof Tables>(table: Name, row: Tables[Name]): void {
  const before = seen[table].get(row.id);
  // Counters move without a new version, and whoever sees them move has changed something else.
  if (!before || before.version < row.version || before.deletedAt !== row.deletedAt) heard(row);
  reread(table, row);
}

/** Takes a row out of everything on the page. */
export function withdraw(table: keyof Tables, id: string): void {
  seen[table].delete(id);
  tell(table, { kind: "gone", id });
}

/** Tells everything on the page how a whole table looks now. */
export function restock<Name extends keyof Tables>(table: Name, rows: readonly Tables[Name][]): void {
  const all = new Map(rows.map((row) => [row.id, row]));
  for (const [id, row] of seen[table]) if (!all.has(id) && row.deletedAt === null) seen[table].delete(id);
  note(table, rows);
  whole.add(table);
  tell(table, { kind: "all", rows: all });
}

/**
 * Takes note of rows that were read, so that they can be shown again without a network.
 * @returns the rows as they are by now: a change may have been quicker than the answer
 */
export function note<Name extends keyof Tables>(
  table: Name,
  rows: readonly Tables[Name][],
): readonly Tables[Name][] {
  return rows.map((row) => {
    const known = seen[table].get(row.id);
    if (known && known.version > row.version) return known;
    seen[table].set(row.id, row);
    return row;
  });
}

export function seenRow<Name extends keyof Tables>(table: Name, id: string): Tables[Name] | null {
  return seen[table].get(id) ?? null;
}

export function seenRows<Name extends keyof Tables>(table: Name): Tables[Name][] {
  return [...seen[table].values()];
}

/** Whether every row of a table has been seen that is not deleted. */
export function isSeenWhole(table: keyof Tables): boolean {
  return whole.has(table);
}

/** Forgets every row: what one account has seen is not for the next. */
export function forgetRows(): void {
  seen.goals.clear();
  seen.tasks.clear();
  whole.clear();
}

/** Calls back on every change of a table; returns its own unsubscribe. */
export function subscribe<Name extends keyof Tables>(
  table: Name,
  listener: Listener<Tables[Name]>,
): () => void {
  listeners[table].add(listener);
  return () => listeners[table].delete(listener);
}

const stale: Record<keyof Tables, Set<() => void>> = { goals: new Set(), tasks: new Set() };

/** Has every list on the page load again: after a write that changed more rows than the one that came back. */
export function refresh(table: keyof Tables): void {
  for (const listener of stale[table]) listener();
}

/** Calls back on `refresh`; returns its own unsubscribe. */
export function onRefresh(table: keyof Tables, listener: () => void): () => void {
  stale[table].add(listener);
  return () => stale[table].delete(listener);
}

/** Calls back a moment after anything has changed; returns its own unsubscribe. */
export function onAnyChange(listener: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(listener, 400);
  };
  const stops = [subscribe("goals", soon), subscribe("tasks", soon)];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
