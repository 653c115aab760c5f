import { type Bytes, equal, toHex } from "../bytes/index.ts";
import { type Head, NO_HEAD } from "../codec.ts";
import { deviceAt, isAhead } from "../device-log/index.ts";
import {
  cutLog,
  type DeviceLogs,
  forgetBefore,
  type Identity,
  isOpen,
  type Member,
  memberOf,
  pinHeads,
  pinOf,
  type RoomLog,
  type RoomRow,
  roomAt,
} from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { forgetRows, isOnTranscript } from "../transcript/index.ts";
import { judge, type Rule, type Verdict } from "../verdict.ts";
import { decodeCommit, type Recipient, type SignedCommit } from "./layout.ts";
import { isListOf, places, standingMembers } from "./list.ts";
import type { Epoch, EpochRoom } from "./state.ts";

export type CommitVoid =
  | "malformed"
  | "place"
  | "head"
  | "members"
  | "devices"
  | "device"
  | "seen"
  | "cut"
  | "signature";

interface Case extends SignedCommit {
  suite: Suite;
  room: EpochRoom;
  logs: DeviceLogs;
  hash: Bytes;
  /** Room seq of the row. */
  place: number;
  /** The log at the head that the commit names. */
  named: RoomLog | null;
  /** Whoever has to be in the list. */
  members: readonly Member[];
  /** By user in hex: the device-log head that the list names. */
  heads: ReadonlyMap<string, Head>;
}

/** docs/protocol.md §14.3, in its order. */
export const COMMIT_RULES: readonly Rule<Case, CommitVoid>[] = [
  ["malformed", ({ room, commit }) => commit.suite >= room.log.suite],
  ["place", isInPlace],
  ["head", isHeadInPlace],
  ["members", isOfMembers],
  ["devices", isOfDevices],
  ["device", ({ commit }) => commit.list.some((row) => isCommitter(commit, row))],
  ["seen", isSeen],
  ["cut", isCut],
  ["signature", isSigned],
];

/** What a valid commit ends: these devices count up to that room seq and no further. */
export interface Dropped {
  devices: readonly Bytes[];
  cut: number;
}

export interface AppliedCommit {
  room: EpochRoom;
  verdict: Verdict<CommitVoid>;
  /** Where the commit is valid. */
  epoch?: Epoch;
  dropped?: Dropped;
}

/**
 * Judges a row of commits and applies it: the pins move, and what a dropped device signed late is undone. The
 * transcript is as before the row, and is gone on with by the caller. A void row burns its number.
 *
 * @param row Its bytes are core, list and signature; the wraps are apart from it.
 * @param logs Device logs, read up to every head that the row names.
 */
export async function applyCommit(
  suite: Suite,
  room: EpochRoom,
  row: RoomRow,
  logs: DeviceLogs,
  rules = COMMIT_RULES,
): Promise<AppliedCommit> {
  const burned = { ...room, epochs: { ...room.epochs, rows: room.epochs.rows + 1 } };
  const given = await read(suite, room, row, logs).catch(() => null);
  if (!given) return { room: burned, verdict: { void: "malformed" } };
  const verdict = await judge(rules, given);
  if (verdict === "valid") return { ...(await applied(given)), verdict };
  return { room: burned, verdict };
}

async function read(suite: Suite, room: EpochRoom, row: RoomRow, logs: DeviceLogs): Promise<Case> {
  const signed = decodeCommit(row.bytes);
  const { list, log } = signed.commit;
  const named = roomAt(room.log, log);
  const members = named ? standingMembers(named, room.log) : [];
  const heads = new Map(list.map((one) => [toHex(one.user), one.head]));
  const hash = await suite.hash(TAGS.commit, signed.body);
  return { ...signed, suite, room, logs, hash, place: row.place, named, members, heads };
}

function isInPlace({ room, commit }: Case): boolean {
  const { last, rows } = room.epochs;
  return (
    equal(commit.room, room.log.room) &&
    commit.epoch === rows + 1 &&
    equal(commit.prev, last?.hash ?? NO_HEAD.hash) &&
    (commit.reason === "first") === (last === null)
  );
}

function isHeadInPlace({ room, commit, named, place }: Case): boolean {
  const least = room.epochs.last?.commit.log.seq ?? 1;
  return named !== null && named.place < place && commit.log.seq >= least && isOpen(room.log);
}

function isOfMembers({ room, logs, members, heads, named }: Case): boolean {
  return (
    heads.size === members.length &&
    members.every((member) => {
      const { user, root } = member;
      const head = heads.get(toHex(user));
      // Who was removed after the named head has its pin there alone.
      const pin = pinOf(room.log, member) ?? (named ? pinOf(named, member) : undefined);
      return head !== undefined && isAhead(logs(user, root), head, pin);
    })
  );
}

async function isOfDevices({ suite, logs, commit, members, heads }: Case): Promise<boolean> {
  const wanted = places(members, logs, ({ user }) => heads.get(toHex(user)));
  return wanted !== null && isListOf(suite, commit.list, wanted);
}

const isCommitter = (
  { committer, device }: Case["commit"],
  row: { user: Uint8Array; device: Uint8Array },
): boolean => equal(row.user, committer) && equal(row.device, device) && device.some((byte) => byte !== 0);

function isSeen({ room, commit, place }: Case): boolean {
  const { seen } = commit;
  const least = room.epochs.last?.place ?? 0;
  return seen.seq >= least && seen.seq < place && isOnTranscript(room.transcript, seen);
}

/** Devices of the last epoch that this list leaves out. */
function droppedBy({ room, commit }: Case): Bytes[] {
  const kept = new Set(commit.list.map(({ device }) => toHex(device)));
  const before = [...(room.epochs.last?.devices ?? [])];
  return before.filter(([device]) => !kept.has(device)).map(([, row]) => row.device);
}

/** What a dropped device signed after the cut cannot be what the commit builds on. */
function isCut(given: Case): boolean {
  const { commit, named } = given;
  const devices = droppedBy(given);
  const cut = devices.length > 0 ? commit.seen : NO_HEAD;
  return (
    commit.cut.seq === cut.seq &&
    equal(commit.cut.hash, cut.hash) &&
    (devices.length === 0 || (named !== null && cutLog(named, devices, cut.seq) === named))
  );
}

async function isSigned({ suite, logs, commit, members, hash, heads, signature }: Case): Promise<boolean> {
  const member = members.find(({ user }) => equal(user, commit.committer));
  const log = member && logs(member.user, member.root);
  const device = log && deviceAt(log, commit.device, heads.get(toHex(commit.committer))?.seq);
  if (!device) return false;
  return suite.verify(device.signingKey, signature, TAGS.commitSig, hash, device.id);
}

async function applied(given: Case): Promise<Pick<AppliedCommit, "room" | "epoch" | "dropped">> {
  const { room, commit, hash, place, members, suite } = given;
  const heads = new Map(
    members.map(({ user, root }) => {
      const key = toHex(user);
      return [key, { user, root, head: given.heads.get(key) ?? NO_HEAD }];
    }),
  );
  const devices = devicesOf(commit.list, heads);
  const core = await suite.sha256(given.core);
  const epoch: Epoch = { number: commit.epoch, hash, place, commit, core, devices, heads };
  const gone = droppedBy(given);
  const cut = cutLog(room.log, gone, commit.cut.seq);
  const isMember = ({ user, root }: Identity) => equal(memberOf(cut, user)?.root ?? NO_HEAD.hash, root);
  const pinned = pinHeads(cut, [...heads.values()].filter(isMember));
  const { prev, commitment } = commit;
  const past = new Map(room.epochs.past).set(commit.epoch, { hash, prev, commitment });
  return {
    epoch,
    ...(gone.length > 0 ? { dropped: { devices: gone, cut: commit.cut.seq } } : {}),
    room: {
      log: forgetBefore(pinned, commit.log.seq),
      transcript: forgetRows(room.transcript, place - 1),
      epochs: {
        rows: commit.epoch,
        last: epoch,
        past,
        dropped: gone.length > 0 ? commit.epoch : room.epochs.dropped,
      },
    },
  };
}

function devicesOf(list: readonly Recipient[], heads: Epoch["heads"]): Epoch["devices"] {
  const devices = new Map<string, Recipient & { root: Bytes }>();
  const twice = new Set([toHex(NO_HEAD.hash.subarray(16))]);
  for (const row of list) {
    const device = toHex(row.device);
    if (devices.has(device)) twice.add(device); // Found under two users, an id belongs to neither.
    devices.set(device, { ...row, root: heads.get(toHex(row.user))?.root ?? NO_HEAD.hash });
  }
  for (const device of twice) devices.delete(device);
  return devices;
}
