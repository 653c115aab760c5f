import { type Bytes, equal, toHex } from "../bytes/index.ts";
import { type Head, NO_HEAD } from "../codec.ts";

export interface DeviceKey {
  /** 16 bytes, made of user and signing key. */
  id: Bytes;
  kind: "device" | "temporary" | "recovery";
  signingKey: Bytes;
  /** Empty for a recovery key. */
  wrapKey: Bytes;
  /** The key that signed for it. */
  signer: Bytes;
  /** Number of the entry that added it. */
  added: number;
  /** Number of the entry that ended it. */
  revoked: number | null;
}

/** A device log as far as it was read: a value, which applying a row replaces by another. */
export interface DeviceLog {
  user: Bytes;
  /** Hash of entry 1. */
  root: Bytes;
  /** Rows seen, void ones included. */
  rows: number;
  /** Last valid entry. */
  head: Head;
  /** How many entries are valid. */
  entries: number;
  /** Hash of each valid entry by its number. Shared between values: what is beyond `head` is another value's. */
  hashes: ReadonlyMap<number, Bytes>;
  /** By id in hex, in the order in which they were added. */
  keys: ReadonlyMap<string, DeviceKey>;
  /** Name hashes by the number of their entry. Shared as `hashes` are. */
  names: ReadonlyMap<number, Bytes>;
}

export function startDeviceLog(user: Bytes, root: Bytes): DeviceLog {
  const nothing = { hashes: new Map(), keys: new Map(), names: new Map() };
  return { user, root, rows: 0, head: NO_HEAD, entries: 0, ...nothing };
}

/** Whether a valid entry has that number and that hash. */
export function isOnLog(log: DeviceLog, head: Head): boolean {
  const hash = log.hashes.get(head.seq);
  return hash !== undefined && head.seq <= log.head.seq && equal(hash, head.hash);
}

/**
 * Whether `head` is on that log, not before `pin`, and on the same log as `pin`: a log that was forked before what
 * was pinned has other hashes there.
 */
export function isAhead(log: DeviceLog | undefined, head: Head, pin: Head = NO_HEAD): log is DeviceLog {
  if (!log || !isOnLog(log, head) || head.seq < pin.seq) return false;
  return pin.seq === 0 || isOnLog(log, pin);
}

const stands = (key: DeviceKey, seq: number): boolean =>
  key.added <= seq && (key.revoked === null || key.revoked > seq);

/** The key with that id if it stood at entry `seq`, by default now. */
export function keyAt(log: DeviceLog, id: Uint8Array, seq: number = log.head.seq): DeviceKey | undefined {
  const key = log.keys.get(toHex(id));
  return key && stands(key, seq) ? key : undefined;
}

/** As `keyAt`, but no recovery key: what may send and receive. */
export function deviceAt(log: DeviceLog, id: Uint8Array, seq?: number): DeviceKey | undefined {
  const key = keyAt(log, id, seq);
  return key?.kind === "recovery" ? undefined : key;
}

/** The devices at entry `seq`, by default now, temporary ones included. */
export function devicesAt(log: DeviceLog, seq: number = log.head.seq): DeviceKey[] {
  return [...log.keys.values()].filter((key) => key.kind !== "recovery" && stands(key, seq));
}

export function recoveryKey(log: DeviceLog): DeviceKey | undefined {
  return [...log.keys.values()].find((key) => key.kind === "recovery" && key.revoked === null);
}

/** What revoking `id` should offer to revoke too: everything that stands and was added by it, or by those. */
export function addedBy(log: DeviceLog, id: Uint8Array): DeviceKey[] {
  const found = [...log.keys.values()].filter((key) => equal(key.signer, id) && !equal(key.id, id));
  return found.flatMap((key) => [...(key.revoked === null ? [key] : []), ...addedBy(log, key.id)]);
}
