import type { FailedWrite, Goal, PendingWrite, Task } from "@trackit/sdk";

/** Whether a row has changes that the server does not have yet, or has refused. */
export type Mark = "waiting" | "failed";

/** What waits on this device for the network. */
export interface Waiting {
  pending: readonly PendingWrite[];
  failed: readonly FailedWrite[];
  /** The rows that are written, as they will be. */
  goals: readonly Goal[];
  tasks: readonly Task[];
  /** By id of the goal or task. */
  marks: ReadonlyMap<string, Mark>;
  /** Why nothing can be kept on this device; null when it can. */
  error: unknown;
}

export const nothingWaits: Waiting = {
  pending: [],
  failed: [],
  goals: [],
  tasks: [],
  marks: new Map(),
  error: null,
};

export function isTask(row: Goal | Task): row is Task {
  return "goalId" in row;
}

/** What the outbox holds, by row: of several writes of one row the last has it as it will be. */
export function waitingOf(pending: readonly PendingWrite[], failed: readonly FailedWrite[]): Waiting {
  const writes = [...pending, ...failed].sort((a, b) => (a.since + a.id < b.since + b.id ? -1 : 1));
  const rows = new Map(writes.flatMap((write) => write.rows.map((row) => [row.id, row])));
  const marks = new Map<string, Mark>();
  for (const { entityIds } of pending) for (const id of entityIds) marks.set(id, "waiting");
  for (const { entityIds } of failed) for (const id of entityIds) marks.set(id, "failed");
  const all = [...rows.values()];
  return {
    pending,
    failed,
    goals: all.filter((row): row is Goal => !isTask(row)),
    tasks: all.filter(isTask),
    marks,
    error: null,
  };
}
