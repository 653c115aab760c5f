import type { Bytes } from "./bytes/index.ts";
import type { Head } from "./codec.ts";
import type { DeviceLogs, RoomLog } from "./room-log/index.ts";
import type { Verdict } from "./verdict.ts";

/** Who is in a room, as its log and the device logs say. */
export interface Group {
  room: RoomLog;
  devices: DeviceLogs;
}

/** What a client posts to begin an epoch, and its state if the database takes it. */
export interface Step<State> {
  state: State;
  /** The signed change, public to the whole room. */
  commit: Bytes;
  /** What each device needs to follow, readable by it alone. */
  wraps: readonly { device: Bytes; wrap: Bytes }[];
}

/** A row of a room as the database numbers it. */
export interface Row {
  bytes: Uint8Array;
  place: number;
}

/** What is to be sent: the payload before padding. */
export interface Draft {
  class: "content" | "control";
  id: Bytes;
  payload: Bytes;
  /** Last place of the transcript that this device has verified. */
  seen: Head;
  /** Milliseconds. */
  time: number;
}

/**
 * What a room needs of its encryption, whichever it is. A state is a value: what is not kept did not happen.
 *
 * `rsa-aes/1` is protocol 1; 2 is kept for MLS (RFC 9420), whose signing keys the device log would certify.
 *
 * @see docs/protocol.md §24
 */
export interface GroupCipher<State, Anchor, Opened, Reason extends string> {
  readonly protocol: number;
  /** The first epoch of a room that was just made. */
  create(group: Group, time: number): Promise<Step<State>>;
  /** The next epoch, for members and devices as they are now. */
  change(state: State, group: Group, time: number): Promise<Step<State>>;
  /** Somebody's change, in the order of the room. */
  apply(state: State, row: Row, group: Group): Promise<{ state: State; verdict: Verdict<Reason> }>;
  /** Where somebody new begins. */
  join(anchor: Anchor, group: Group): Promise<State>;
  encrypt(state: State, draft: Draft): Promise<{ state: State; message: Bytes }>;
  /** @throws CRYPTO_OPEN_FAILED, always the same, whatever was wrong. */
  decrypt(state: State, row: Row, group: Group): Promise<{ state: State; opened: Opened }>;
  /** A secret of this epoch for another use. @param length bytes. */
  exporter(state: State, label: string, context: Uint8Array, length: number): Promise<Bytes>;
  /** The state as bytes, for a store that seals what it keeps. */
  seal(state: State): Promise<Bytes>;
}
