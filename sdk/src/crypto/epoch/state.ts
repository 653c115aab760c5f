import { type Bytes, toHex } from "../bytes/index.ts";
import type { Head } from "../codec.ts";
import type { RoomLog } from "../room-log/index.ts";
import type { Transcript } from "../transcript/index.ts";
import type { Commit, Recipient } from "./layout.ts";

/** A valid commit. */
export interface Epoch {
  number: number;
  /** The commit's hash. */
  hash: Bytes;
  /** Room seq of its row. */
  place: number;
  commit: Commit;
  /** SHA-256 of the commit's core, for the labels of its wraps. */
  core: Bytes;
  /** By device id in hex: its row, and the identity root of its user. */
  devices: ReadonlyMap<string, Recipient & { root: Bytes }>;
  /** By user in hex: root, and the head of its device log. */
  heads: ReadonlyMap<string, { user: Bytes; root: Bytes; head: Head }>;
}

/** What has to be remembered of an epoch that is over, so that a secret for it can be checked. */
export type PastEpoch = Pick<Commit, "commitment" | "prev"> & Pick<Epoch, "hash">;

/** The commits of a room as far as they were read: a value. */
export interface Epochs {
  /** Number of the last row, void or not. */
  rows: number;
  /** The last valid one. */
  last: Epoch | null;
  /** Every valid one by its number. */
  past: ReadonlyMap<number, PastEpoch>;
  /** Number of the last one that dropped a device, which still knows the secrets before it. */
  dropped: number;
}

export const startEpochs = (): Epochs => ({ rows: 0, last: null, past: new Map(), dropped: 0 });

/** What commits are judged by. */
export interface EpochRoom {
  log: RoomLog;
  transcript: Transcript;
  epochs: Epochs;
}

export const inEpoch = (epoch: Epoch | null, device: Uint8Array) => epoch?.devices.get(toHex(device));
