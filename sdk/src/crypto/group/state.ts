import { type Bytes, equal, misuse, toHex } from "../bytes/index.ts";
import { type Head, NO_HEAD } from "../codec.ts";
import type { Signer } from "../device-log/index.ts";
import { type EpochSecret, isSecretOf, messageRoot, type Unwrap } from "../epoch/index.ts";
import type { Suite } from "../suite/index.ts";
import type { Effect, Room } from "./room.ts";

/** This device, by what it can do: its private keys may live elsewhere. */
export interface Self {
  user: Bytes;
  root: Bytes;
  signer: Signer;
  unwrap: Unwrap;
  /** Makes an epoch's secret; by default in this process. */
  newSecret?: () => Promise<EpochSecret>;
}

/** The keys of one epoch, none of which can be exported. */
export interface EpochKeys {
  secret: CryptoKey;
  /** Of its messages: derived once. */
  root: CryptoKey;
}

/** A room with what this device holds of it: a value. */
export interface Group {
  room: Room;
  /** By the commit's hash in hex. */
  keys: ReadonlyMap<string, EpochKeys>;
  /** Number and hash of the last message that this device signed here. */
  own: Head;
  /** Number of the last own message that was seen among the rows: those after it are under way. */
  seen: number;
  /** What is under way, the newest first. */
  sent: Sent | null;
}

/** An own message, and the one before it. */
export interface Sent extends Head {
  epoch: number;
  before: Sent | null;
}

/** @param own What this device signed here before: to be kept with the keys. */
export const startGroup = (room: Room, own: Head = NO_HEAD): Group => ({
  room,
  keys: new Map(),
  own,
  seen: own.seq,
  sent: null,
});

/** The group after an own message was signed. */
export function withSent(group: Group, own: Head, epoch: number): Group {
  return { ...group, own, sent: { ...own, epoch, before: group.sent } };
}

/** Own messages whose rows did not come yet, the newest first. */
export function underWay({ seen, sent }: Group): Sent[] {
  const open: Sent[] = [];
  for (let at = sent; at && at.seq > seen; at = at.before) open.push(at);
  return open;
}

/** The keys of an epoch, by default the last one. */
export function keysOf({ room, keys }: Group, commit = room.epochs.last?.hash): EpochKeys | undefined {
  return commit && keys.get(toHex(commit));
}

/**
 * The group with the secret of an epoch, however this device came to it.
 *
 * @returns The same group where the commit of that epoch is not known, or names another secret.
 */
export async function withSecret(
  suite: Suite,
  group: Group,
  number: number,
  secret: CryptoKey,
): Promise<Group> {
  const { log, epochs } = group.room;
  const past = epochs.past.get(number);
  if (!past || !(await isSecretOf(suite, secret, log.room, { ...past, number }))) return group;
  const root = await messageRoot(suite, secret, past.hash);
  return { ...group, keys: new Map(group.keys).set(toHex(past.hash), { secret, root }) };
}

/**
 * What a row says about this device's own messages. One that it never signed is a copy's: a profile that was restored
 * or cloned. It stops, revokes itself and enrols anew. An own message that only comes late, or after the next one, is
 * the server's doing and proves nothing.
 *
 * @see docs/protocol.md §15.6
 */
export function settled(
  group: Group,
  { signed, verdict }: Effect,
  device: Bytes,
): { group: Group; copy: boolean } {
  if (!signed || !equal(signed.header.device, device)) return { group, copy: false };
  const { seq } = signed.header;
  const sent = underWay(group).find((one) => one.seq === seq && equal(one.hash, signed.hash));
  // Up to `seen` this device has signed them: their numbers were kept with the keys.
  const isOwn = sent !== undefined || seq <= group.seen;
  if (verdict !== "valid") {
    const { void: reason } = verdict;
    return { group, copy: reason === "equivocation" || (reason !== "replay" && !isOwn) };
  }
  if (!isOwn) return { group, copy: true };
  if (!sent) return { group, copy: false };
  return { group: { ...group, seen: seq, sent: seq === group.own.seq ? null : group.sent }, copy: false };
}

/**
 * Takes back the numbers of own messages that the room went past: they are encrypted anew, in their order.
 *
 * @throws USAGE_INVALID while one of them is of the present epoch: its row may still come, and one number is never
 * signed twice in an epoch.
 */
export function rewind(group: Group, device: Bytes): Group {
  const now = group.room.epochs.last?.number ?? 0;
  if (underWay(group).some(({ epoch }) => epoch >= now))
    throw misuse("an own message", "of the present epoch", "sent again as it is");
  const own = group.room.senders.get(toHex(device)) ?? NO_HEAD;
  return { ...group, own, seen: own.seq, sent: null };
}
