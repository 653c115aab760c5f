import { type Bytes, concat, equal, toHex } from "../bytes/index.ts";
import { type Head, NO_HEAD } from "../codec.ts";
import type { DeviceLog } from "../device-log/index.ts";
import type { Role, RoomKind } from "./layout.ts";

export interface Member {
  user: Bytes;
  root: Bytes;
  role: Role;
  /** Number of the entry that brought this identity in. */
  since: number;
  /** The server says that the account or the identity is gone. */
  erased: boolean;
}

export interface Invite {
  id: Bytes;
  role: Role;
  /** How often it may be used; 0 once it is withdrawn. */
  uses: number;
  used: number;
  /** Milliseconds; a matter of clients, never of validity. */
  expires: number;
  secretHash: Bytes;
  author: Bytes;
  root: Bytes;
  /** Number of its entry. */
  since: number;
}

/** A room's log as far as it was read: a value, which applying a row replaces by another. */
export interface RoomLog {
  room: Bytes;
  /** Rows seen, void ones included. */
  rows: number;
  /** Last valid entry. */
  head: Head;
  /** Room seq of that entry, and the device that signed it. */
  place: number;
  device: Bytes;
  kind: RoomKind | null;
  history: "none" | "shared";
  protocol: number;
  suite: number;
  /** By user in hex. */
  members: ReadonlyMap<string, Member>;
  /** Who was a member, by user in hex: the number of the last entry that ended it, and whether it was their own. */
  gone: ReadonlyMap<string, { seq: number; left: boolean }>;
  /** By id in hex. */
  invites: ReadonlyMap<string, Invite>;
  /** The sealed name, with the number of its entry and the epoch whose secret opens it. */
  name: { seq: number; epoch: number; commit: Bytes; sealed: Bytes } | null;
  deleted: boolean;
  /** Highest device-log head that a valid row has named, by `pinKey`. */
  pins: ReadonlyMap<string, Head>;
  /** The log before the last valid row. */
  before: RoomLog | null;
}

export function startRoomLog(room: Bytes): RoomLog {
  return {
    room,
    rows: 0,
    head: NO_HEAD,
    place: 0,
    device: new Uint8Array(16),
    kind: null,
    history: "none",
    protocol: 1,
    suite: 1,
    members: new Map(),
    gone: new Map(),
    invites: new Map(),
    name: null,
    deleted: false,
    pins: new Map(),
    before: null,
  };
}

/** Finds the device log of an identity; undefined if the server has none. */
export type DeviceLogs = (user: Bytes, root: Bytes) => DeviceLog | undefined;

export const pinKey = (user: Uint8Array, root: Uint8Array): string => toHex(concat(user, root));

/** The highest device-log head of that identity that a valid row has named. */
export function pinOf(
  log: RoomLog,
  { user, root }: { user: Uint8Array; root: Uint8Array },
): Head | undefined {
  return log.pins.get(pinKey(user, root));
}

export function memberOf(log: RoomLog, user: Uint8Array): Member | undefined {
  return log.members.get(toHex(user));
}

/** The member with that root and all of its rights, which an erased one has not. */
export function standing(log: RoomLog, user: Uint8Array, root: Uint8Array): Member | undefined {
  const member = memberOf(log, user);
  return member && !member.erased && equal(member.root, root) ? member : undefined;
}

/** Whether this protocol still rules the room. */
export const isOpen = ({ deleted, protocol }: RoomLog): boolean => !deleted && protocol === 1;

/** The log as it was when `head` was its head; null if it never was. */
export function roomAt(log: RoomLog, head: Head): RoomLog | null {
  let at: RoomLog | null = log;
  while (at && at.head.seq > head.seq) at = at.before;
  return at && at.head.seq === head.seq && equal(at.head.hash, head.hash) ? at : null;
}

/** Who was erased in `log` or in a state between `since` and it, both included: keys as of `pinKey`. */
export function erasedSince(log: RoomLog, since: RoomLog): ReadonlySet<string> {
  const erased = new Set<string>();
  let members: RoomLog["members"] | null = null;
  for (let at: RoomLog | null = log; at; at = at === since ? null : at.before) {
    if (at.members !== members) {
      for (const one of at.members.values()) if (one.erased) erased.add(pinKey(one.user, one.root));
    }
    ({ members } = at);
  }
  return erased;
}

/** What a valid row names raises the pins. @see docs/protocol.md §13.2 */
export function pinHeads(log: RoomLog, heads: readonly { user: Bytes; root: Bytes; head: Head }[]): RoomLog {
  const raised = heads.flatMap(({ user, root, head }) => {
    const key = pinKey(user, root);
    return head.seq > (log.pins.get(key)?.seq ?? 0) ? [[key, head] as const] : [];
  });
  return raised.length > 0 ? { ...log, pins: new Map([...log.pins, ...raised]) } : log;
}

/** Who is no member any more has no pin: what somebody new cannot know decides nothing. */
export function unpinned(log: RoomLog, before: RoomLog): RoomLog {
  if (log.members === before.members) return log;
  const gone = [...before.members].filter(([user, { root }]) => {
    const now = log.members.get(user);
    return !now || !equal(now.root, root);
  });
  if (gone.length === 0) return log;
  const pins = new Map(log.pins);
  for (const [, { user, root }] of gone) pins.delete(pinKey(user, root));
  return { ...log, pins };
}

/**
 * What a valid commit that drops devices does to the log: entries of those devices above the cut are void, and with
 * them every entry after the first such one. Pins, burned numbers and the server's markers stay.
 *
 * @param dropped Device ids.
 * @param cut Room seq.
 * @see docs/protocol.md §14.5
 */
export function cutLog(log: RoomLog, dropped: readonly Uint8Array[], cut: number): RoomLog {
  let back: RoomLog | null = null;
  for (let at: RoomLog | null = log; at && at.place > cut; at = at.before) {
    const { device } = at;
    if (at.head !== at.before?.head && dropped.some((one) => equal(one, device))) back = at.before;
  }
  if (!back) return log;
  const erased = erasedSince(log, back);
  const members = new Map(back.members);
  for (const [user, member] of members) {
    if (erased.has(pinKey(member.user, member.root))) members.set(user, { ...member, erased: true });
  }
  return { ...back, members, rows: log.rows, pins: new Map([...back.pins, ...log.pins]) };
}

/** The log without the states before the head with that number, which no later commit can name. */
export function forgetBefore(log: RoomLog, seq: number): RoomLog {
  const kept: RoomLog[] = [];
  for (let at: RoomLog | null = log; at; at = at.before) {
    kept.push(at);
    if (at.head.seq <= seq) break;
  }
  return kept.reduceRight<RoomLog | null>((before, at) => ({ ...at, before }), null) ?? log;
}
