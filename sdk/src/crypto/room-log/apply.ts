import { type Bytes, equal } from "../bytes/index.ts";
import { type Head, NO_HEAD } from "../codec.ts";
import { type DeviceKey, deviceAt, isAhead } from "../device-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { judge, type Rule, type Verdict } from "../verdict.ts";
import { changed } from "./change.ts";
import { directRoomId, selfRoomId } from "./ids.ts";
import { decodeRoomEntry, type RoomEntry, type SignedRoomEntry } from "./layout.ts";
import { mayDo } from "./rights.ts";
import { type DeviceLogs, memberOf, pinHeads, pinOf, type RoomLog, unpinned } from "./state.ts";
import { hasTarget } from "./target.ts";

export type RoomVoid = "malformed" | "place" | "head" | "device" | "right" | "target" | "limit" | "signature";

interface Case extends SignedRoomEntry {
  suite: Suite;
  log: RoomLog;
  logs: DeviceLogs;
  hash: Bytes;
  device: DeviceKey | undefined;
}

/** A row as the database numbers it. */
export interface RoomRow {
  bytes: Uint8Array;
  /** Its number among all rows of the room. */
  place: number;
}

const MOST_MEMBERS = 1_000;
const MOST_INVITES = 100;
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** docs/protocol.md §11.4, in its order. */
export const ROOM_RULES: readonly Rule<Case, RoomVoid>[] = [
  ["place", isInPlace],
  [
    "head",
    ({ log, logs, entry }) =>
      namedHeads(entry).every((one) => isAhead(logs(one.user, one.root), one.head, pinOf(log, one))),
  ],
  ["device", ({ device }) => device !== undefined],
  ["right", ({ log, entry }) => mayDo(log, entry)],
  ["target", ({ log, entry }) => hasTarget(log, entry)],
  ["limit", ({ log, entry }) => isWithinLimits(log, entry)],
  ["signature", isSigned],
];

/** The server's marker: unsigned, placed, about a member that is not erased. @see docs/protocol.md §11.6 */
const MARKER_RULES: readonly Rule<Case, RoomVoid>[] = [
  ["malformed", ({ entry, signature }) => isUnsigned(entry) && isZero(signature)],
  ["place", ({ log, entry }) => equal(entry.room, log.room) && entry.seq === log.rows + 1 && !log.deleted],
  ["target", ({ log, entry }) => entry.op === "erased" && isToErase(log, entry.user, entry.userRoot)],
];

/** What the transcript takes of a row, whatever the row is worth. */
export function roomEntryHash(suite: Suite, bytes: Uint8Array): Promise<Bytes> {
  return suite.hash(TAGS.roomEntry, bytes.subarray(0, Math.max(0, bytes.length - 64)));
}

/**
 * Judges the next row of a room log and applies it. A void row burns its number and changes nothing else.
 *
 * @param log State after the rows before.
 * @param logs Device logs, read up to every head that the row names.
 * @returns The log after the row, and the entry if it is valid.
 */
export async function applyRoomEntry(
  suite: Suite,
  log: RoomLog,
  row: RoomRow,
  logs: DeviceLogs,
  rules = ROOM_RULES,
): Promise<{ log: RoomLog; verdict: Verdict<RoomVoid>; entry?: RoomEntry }> {
  const burned = { ...log, rows: log.rows + 1 };
  const given = await read(suite, log, row.bytes, logs).catch(() => null);
  if (!given) return { log: burned, verdict: { void: "malformed" } };
  const marker = given.entry.op === "erased";
  const verdict = await judge(marker ? MARKER_RULES : rules, given);
  if (verdict !== "valid") return { log: burned, verdict };
  const after = { ...changed(log, given.entry), rows: burned.rows, before: log, place: row.place };
  const { entry, hash } = given;
  if (marker) return { log: after, verdict, entry };
  const moved = { ...after, head: { seq: entry.seq, hash }, device: entry.device };
  return { log: unpinned(pinHeads(moved, namedHeads(entry)), log), verdict, entry };
}

async function read(suite: Suite, log: RoomLog, bytes: Uint8Array, logs: DeviceLogs): Promise<Case> {
  const signed = decodeRoomEntry(bytes);
  const { author, root, device: id, deviceHead } = signed.entry;
  const hash = await suite.hash(TAGS.roomEntry, signed.body);
  const known = logs(author, root);
  return { ...signed, suite, log, logs, hash, device: known && deviceAt(known, id, deviceHead.seq) };
}

interface Named {
  user: Bytes;
  root: Bytes;
  head: Head;
}

/** Every device-log head that the entry names. */
export function namedHeads(entry: RoomEntry): Named[] {
  const author = { user: entry.author, root: entry.root, head: entry.deviceHead };
  if (entry.op === "add") return [author, { user: entry.user, root: entry.userRoot, head: entry.userHead }];
  if (entry.op !== "create" || entry.kind !== "direct") return [author];
  return [author, { user: entry.peer, root: entry.peerRoot, head: entry.peerHead }];
}

async function isInPlace({ suite, log, entry }: Case): Promise<boolean> {
  const creates = entry.op === "create";
  return (
    equal(entry.room, log.room) &&
    entry.seq === log.rows + 1 &&
    equal(entry.prev, log.head.hash) &&
    creates === (log.kind === null) &&
    !log.deleted &&
    (!creates || isFounding(suite, entry))
  );
}

async function isFounding(suite: Suite, entry: Extract<RoomEntry, { op: "create" }>): Promise<boolean> {
  const author = { user: entry.author, root: entry.root };
  const peer = { user: entry.peer, root: entry.peerRoot };
  if (entry.kind === "direct") {
    const id = await directRoomId(suite, author, peer);
    return entry.history === "none" && !equal(entry.peer, entry.author) && equal(entry.room, id);
  }
  const alone = isZero(entry.peer) && isZero(entry.peerRoot) && isNoHead(entry.peerHead);
  if (entry.kind === "group") return alone;
  return alone && entry.history === "none" && equal(entry.room, await selfRoomId(suite, author));
}

function isWithinLimits(log: RoomLog, entry: RoomEntry): boolean {
  if (entry.op === "add") return memberOf(log, entry.user) !== undefined || log.members.size < MOST_MEMBERS;
  if (entry.op !== "invite" || entry.uses === 0) return true;
  return [...log.invites.values()].filter((one) => one.used < one.uses).length < MOST_INVITES;
}

async function isSigned({ suite, hash, device, signature }: Case): Promise<boolean> {
  return device
    ? suite.verify(device.signingKey, signature, TAGS.roomEntrySig, hash, device.id)
    : Promise.resolve(false);
}

const isNoHead = (head: Head): boolean => head.seq === NO_HEAD.seq && isZero(head.hash);

const isUnsigned = (entry: RoomEntry): boolean =>
  [entry.author, entry.root, entry.device, entry.prev].every(isZero) && isNoHead(entry.deviceHead);

function isToErase(log: RoomLog, user: Uint8Array, root: Uint8Array): boolean {
  const member = memberOf(log, user);
  return log.kind !== "self" && member !== undefined && !member.erased && equal(member.root, root);
}
