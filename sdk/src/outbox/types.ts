import type { TrackItError } from "../errors.ts";
import type { Goal } from "../goals/types.ts";
import type { Store } from "../store/types.ts";
import type { Task } from "../tasks/types.ts";
import type { CallOptions } from "../types.ts";

export interface OfflineOptions {
  /** Opens a store of one's own for one user's writes, for Node and React Native; IndexedDB, else memory, when left out. */
  storage?: ((name: string) => Promise<Store> | Store) | undefined;
  /** `false` keeps writes readable on the device, where a page has no cryptography; `true` when left out. */
  seal?: boolean | undefined;
  /** Writes that may wait at once, failed ones included; 1,000 when left out. */
  max?: number | undefined;
}

/** A write that has not reached the server yet. */
export interface PendingWrite {
  id: string;
  /** The call: `goals.update`, `tasks.create`. */
  action: string;
  table: "goals" | "tasks";
  /** The goals or tasks that it writes. */
  entityIds: string[];
  /** They as this device shows them. */
  rows: (Goal | Task)[];
  /** When the call was made, ISO 8601. */
  since: string;
  /** How often it has been sent without an answer. */
  attempts: number;
}

/** A write that the server has refused. Later writes of the same things wait for `retry` or `cancel`. */
export interface FailedWrite extends PendingWrite {
  /** For CONFLICT_VERSION with both sides: see isVersionConflict. */
  reason: TrackItError;
}

/** `rows`: as this device shows them now; as stored after `sent`; as they were before after `cancelled`. */
export interface OutboxChange {
  kind: "kept" | "sent" | "failed" | "retried" | "cancelled";
  write: PendingWrite;
  rows: (Goal | Task)[];
}

/** What is left after a try. */
export interface FlushReport {
  pending: number;
  failed: number;
}

/** Writes made without a network. Empty unless `createTrackIt` was given `offline`. */
export interface Outbox {
  /**
   * The signed-in user's writes that wait, oldest first.
   *
   * @throws USAGE_STORAGE, CRYPTO_INSECURE_CONTEXT, CRYPTO_UNREADABLE
   * @example
   * ```ts
   * const waiting = new Set((await trackit.outbox.pending()).flatMap((write) => write.entityIds));
   * ```
   */
  pending(): Promise<PendingWrite[]>;
  /**
   * Writes that the server has refused, with the reason.
   *
   * @throws As `pending`
   * @example
   * ```ts
   * for (const { action, reason } of await trackit.outbox.failed()) console.log(action, reason.code);
   * ```
   */
  failed(): Promise<FailedWrite[]>;
  /**
   * Sends a failed write once more; after CONFLICT_VERSION on top of the version that was there first.
   *
   * @throws ACCESS_NOT_FOUND when no write waits under this id
   * @example
   * ```ts
   * const [write] = await trackit.outbox.failed();
   * if (write?.reason.code === "CONFLICT_VERSION") await trackit.outbox.retry(write.id);
   * ```
   */
  retry(id: string): Promise<void>;
  /**
   * Forgets a write, and with a create what was built on it. One whose answer was lost may have happened.
   *
   * @returns What was forgotten.
   * @throws ACCESS_NOT_FOUND when no write waits under this id, CONFLICT_BUSY while it is being sent
   * @example
   * ```ts
   * for (const write of await trackit.outbox.failed()) await trackit.outbox.cancel(write.id);
   * ```
   */
  cancel(id: string): Promise<PendingWrite[]>;
  /**
   * Sends now what can be sent, without waiting for the next try.
   *
   * @throws NETWORK_ABORTED by its signal; the sending itself goes on
   * @example
   * ```ts
   * const { pending, failed } = await trackit.outbox.flush();
   * ```
   */
  flush(options?: CallOptions): Promise<FlushReport>;
  /**
   * Calls back whenever a write is kept, sent, refused or forgotten, in this tab or another.
   *
   * @returns Ends it.
   * @throws USAGE_INVALID for another event
   * @example
   * ```ts
   * const stop = trackit.outbox.on("change", ({ kind, rows }) => console.log(kind, rows.length));
   * ```
   */
  on(event: "change", listener: (change: OutboxChange) => void): () => void;
}
