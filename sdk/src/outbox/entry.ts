import { type ErrorCode, TrackItError } from "../errors.ts";
import type { Goal } from "../goals/types.ts";
import type { Intent } from "../rows/keeper.ts";
import type { Task } from "../tasks/types.ts";
import type { FailedWrite, PendingWrite } from "./types.ts";

export type Thing = Goal | Task;

/** A kept write, as it is stored. */
export interface Entry {
  id: string;
  /** Its place among all writes of this user, on all tabs. */
  seq: number;
  action: string;
  intent: Intent;
  /** Whose order counts: `table/id` of what it changes. */
  writes: string[];
  /** What must be there, and not be gone, when it is sent. */
  reads: string[];
  /** The version that a change is based on; null until an own earlier write tells, and for creates. */
  base: number | null;
  /** What the device showed before; empty for creates. */
  before: Thing[];
  rows: Thing[];
  since: number;
  attempts: number;
  failure: Failure | null;
}

/** A TrackItError as JSON. */
export type Failure = Record<string, unknown> & { code: ErrorCode; message: string };

export function toFailure(error: TrackItError): Failure {
  return JSON.parse(JSON.stringify(error)) as Failure;
}

export function fromFailure({ code, message, ...init }: Failure): TrackItError {
  return new TrackItError(code, message, init);
}

export function shownPending(entry: Entry): PendingWrite {
  const { id, action, intent, writes, rows, since, attempts } = entry;
  const entityIds = writes
    .filter((key) => !key.startsWith("~"))
    .map((key) => key.slice(key.indexOf("/") + 1));
  return { id, action, table: intent.table, entityIds, rows, since: new Date(since).toISOString(), attempts };
}

export function shownFailed(entry: Entry): FailedWrite[] {
  return entry.failure ? [{ ...shownPending(entry), reason: fromFailure(entry.failure) }] : [];
}
