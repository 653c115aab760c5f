import type { TrackItError } from "../errors.ts";
import type { JsonObject } from "../types.ts";

/** What a watcher is told. Rows come as `get` gives them. */
export type Change<Row> =
  /** All rows of the filter, in the list's order: first, and again whenever the table had to be read anew. */
  | { kind: "snapshot"; rows: Row[] }
  /** Has joined the filter, or is in it and has changed. */
  | { kind: "added" | "changed"; row: Row }
  /** Has left the filter, was deleted or erased. */
  | { kind: "removed"; id: string };

export interface WatchOptions {
  /** Ends the watch when it fires. */
  signal?: AbortSignal | undefined;
  /**
   * The watch has ended by itself, and why: AUTH_REQUIRED when the user has signed out, somebody else has signed in or
   * the session has ended elsewhere, AUTH_SUSPENDED, or whatever keeps the table from being read. A network that is
   * away ends nothing: see `trackit.connection`.
   */
  onError?: ((error: TrackItError) => void) | undefined;
  /** IANA time zone for `due`; the profile's when left out. */
  timeZone?: string | undefined;
}

/** Calling it ends the watch: nothing is told any more. */
export interface Watch {
  (): void;
  /**
   * Settles when the first snapshot has been handed over, and waits for the network where there is none. Rejects with
   * NETWORK_ABORTED when the watch is ended before, else as `onError` says.
   */
  readonly ready: Promise<void>;
}

/**
 * - `idle`: nothing is watched
 * - `connecting`: the first connection is being made
 * - `online`: changes come as they happen
 * - `offline`: the connection is lost; it is tried again, later and later, and what was missed is read then
 */
export type ConnectionState = "idle" | "connecting" | "online" | "offline";

/** The connection over which changes come: one for all that is watched. */
export interface LiveConnection {
  readonly state: ConnectionState;
  /**
   * Calls back with each new state.
   *
   * @returns Ends it.
   * @throws USAGE_INVALID for another event
   * @example
   * ```ts
   * const stop = trackit.connection.on("change", (state) => console.log(state));
   * ```
   */
  on(event: "change", listener: (state: ConnectionState) => void): () => void;
}

/** A device that is there: one client of this account, such as an open tab. */
export interface Present<Payload extends JsonObject = JsonObject> {
  /** Names the presence for as long as it lasts. */
  id: string;
  payload: Payload;
}

export interface PresenceOptions {
  /** Leaves when it fires. */
  signal?: AbortSignal | undefined;
  /** The presence has ended by itself: as for a watch. */
  onError?: ((error: TrackItError) => void) | undefined;
}

/** One's own presence, and who else is there. */
export interface Presence<Payload extends JsonObject = JsonObject> {
  /** Settles when the others can see this device; rejects as that of a watch does. */
  readonly ready: Promise<void>;
  /**
   * Says something else about this device. What is said often is told at intervals, the latest of it for certain:
   * Realtime admits five changes in 30 seconds.
   *
   * @throws USAGE_INVALID for what is no object, or larger than 8 KiB
   * @example
   * ```ts
   * const here = trackit.presence({ page: "goals" });
   * here.update({ page: "tasks" });
   * ```
   */
  update(payload: Payload): void;
  /**
   * Who else is there, as far as is known.
   *
   * @throws nothing
   * @example
   * ```ts
   * const pages = here.others().map(({ payload }) => payload.page);
   * ```
   */
  others(): Present<Payload>[];
  /**
   * Calls back whenever others come, go, or say something else.
   *
   * @returns Ends it.
   * @throws USAGE_INVALID for another event
   * @example
   * ```ts
   * here.on("change", (others) => console.log(others.length, "other devices"));
   * ```
   */
  on(event: "change", listener: (others: Present<Payload>[]) => void): () => void;
  /**
   * Is gone for the others, and hears nothing of them any more.
   *
   * @throws nothing
   * @example
   * ```ts
   * await here.leave();
   * ```
   */
  leave(): Promise<void>;
}
