import { type Bytes, equal, toHex } from "../bytes/index.ts";
import { type Head, NO_HEAD } from "../codec.ts";
import { type DeviceKey, type DeviceLog, deviceAt, isAhead } from "../device-log/index.ts";
import { type Epoch, type EpochRoom, inEpoch } from "../epoch/index.ts";
import { type DeviceLogs, isOpen } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { isOnTranscript } from "../transcript/index.ts";
import type { TranscriptStep } from "../transcript/transcript.ts";
import { judge, type Rule, type Verdict } from "../verdict.ts";
import { decodeMessage, decodeTombstone, type Message, type MessageHeader } from "./layout.ts";
import type { Payload } from "./payload.ts";
import { isTaken, remember, sameId, samePlace, type Trail } from "./trail.ts";

/** What the database says about a row, beside its bytes. @see docs/protocol.md §21.3 */
export type MessageColumns = Pick<
  MessageHeader,
  "suite" | "class" | "room" | "epoch" | "device" | "seq" | "id"
>;

export interface MessageRow {
  /** Whole; of a tombstone what is left. */
  bytes: Uint8Array;
  tombstone?: boolean;
  columns: MessageColumns;
  /** Room seq. */
  place: number;
  /** What `readAhead` has begun before its turn. */
  ahead?: Ahead;
}

/** What judging and opening these bytes will come to, begun early. It decides nothing by itself. */
export interface Ahead {
  bytes: Uint8Array;
  message: Promise<Message>;
  /** Whether that key has signed it; null where none is known. */
  proof: Promise<{ key: Uint8Array; holds: boolean } | null>;
  payload: Promise<Payload>;
  /** The step of the transcript, if every row before it was begun with it. */
  step: Promise<TranscriptStep | null>;
}

/** What was begun of a row, if it is of the bytes that the row has now. */
export const aheadOf = ({ ahead, bytes }: MessageRow): Ahead | undefined =>
  ahead?.bytes === bytes ? ahead : undefined;

/** What messages are judged by. */
export interface MessageRoom extends EpochRoom {
  trail: Trail;
  /** By device id in hex: number and hash of its last message. */
  senders: ReadonlyMap<string, Head>;
  /** Followed from a place in the middle: the first message of a device is then taken as it is. */
  anchored: boolean;
}

export type Refusal =
  | "malformed"
  | "columns"
  | "epoch"
  | "device"
  | "head"
  | "signature"
  | "replay"
  | "equivocation"
  | "sequence";

interface Case extends Message {
  suite: Suite;
  room: MessageRoom;
  columns: MessageColumns;
  place: number;
  sender: Sender | undefined;
  /** The last message of that device. */
  last: Head | undefined;
  ahead: Ahead | undefined;
}

interface Sender {
  user: Bytes;
  /** Device-log head that the epoch's list names. */
  head: Head;
  log: DeviceLog;
  key: DeviceKey | undefined;
}

/** docs/protocol.md §17, checks 2 to 6, in that order. */
export const MESSAGE_RULES: readonly Rule<Case, Refusal>[] = [
  ["columns", hasColumns],
  ["epoch", isOfEpoch],
  ["device", ({ sender }) => sender !== undefined],
  ["head", isAtHead],
  ["signature", isSigned],
  ["replay", ({ room, header, hash }) => !isTaken(room.trail, header, hash)],
  ["equivocation", ({ room, header }) => !samePlace(room.trail, header)],
  ["replay", ({ room, header }) => !sameId(room.trail, header)],
  ["sequence", isNext],
];

/** A message whose sender is proven; what it says is still sealed. */
export interface Received extends Message {
  user: Bytes;
  place: number;
  /** How many messages of this device are missing before it: withheld. */
  gap: number;
  /** The sender has seen another history than this one. */
  alarm: boolean;
}

export interface AppliedMessage {
  room: MessageRoom;
  verdict: Verdict<Refusal>;
  /** Where it is valid. */
  message?: Received;
  /** Where the signature holds, also of a message that is void for its place. */
  signed?: Pick<Message, "header" | "hash">;
  /** Equivocation: the hash of the message before, which is not to be trusted either, and of this one. */
  twins?: readonly [Bytes, Bytes];
}

/**
 * Judges a row of messages, by public data alone. A refused row is shown as one that cannot be read, and the room
 * goes on. The transcript is as before the row.
 *
 * @param logs Device logs, read up to every head that the row names.
 */
export async function applyMessage(
  suite: Suite,
  room: MessageRoom,
  row: MessageRow,
  logs: DeviceLogs,
  rules = MESSAGE_RULES,
): Promise<AppliedMessage> {
  const given = await read(suite, room, row, logs).catch(() => null);
  if (!given) return { room, verdict: { void: "malformed" } };
  const verdict = await judge(rules, given);
  const { header, hash } = given;
  if (verdict !== "valid") {
    const twin = verdict.void === "equivocation" && samePlace(room.trail, header);
    const signed = isPlaced(verdict.void) ? { signed: { header, hash } } : {};
    return { room, verdict, ...signed, ...(twin ? { twins: [twin, hash] } : {}) };
  }
  const senders = new Map(room.senders).set(senderKey(header), { seq: header.seq, hash });
  const after = { ...room, senders, trail: remember(room.trail, header, hash) };
  return { room: after, verdict, signed: { header, hash }, message: received(given) };
}

/** What is judged after the signature. */
const isPlaced = (reason: Refusal): boolean => ["replay", "equivocation", "sequence"].includes(reason);

async function read(suite: Suite, room: MessageRoom, row: MessageRow, logs: DeviceLogs): Promise<Case> {
  const ahead = row.tombstone ? undefined : aheadOf(row);
  const decoded = ahead?.message ?? (row.tombstone ? decodeTombstone : decodeMessage)(suite, row.bytes);
  const message = await decoded;
  const { header } = message;
  const { columns, place } = row;
  const last = room.senders.get(senderKey(header));
  const sender = senderOf(room.epochs.last, header, logs);
  return { ...message, suite, room, columns, place, last, sender, ahead };
}

/** By text, so that a device is found without a walk through its bytes. */
const senderKey = ({ device }: MessageHeader): string => toHex(device);

export function senderOf(epoch: Epoch | null, header: MessageHeader, logs: DeviceLogs): Sender | undefined {
  const row = inEpoch(epoch, header.device);
  const log = row && logs(row.user, row.root);
  if (!log) return undefined;
  return { user: row.user, head: row.head, log, key: deviceAt(log, header.device, header.deviceHead.seq) };
}

const NUMBERS = ["suite", "class", "epoch", "seq"] as const;
const IDS = ["room", "device", "id"] as const;

function hasColumns({ room, header, columns }: Case): boolean {
  return (
    NUMBERS.every((name) => columns[name] === header[name]) &&
    IDS.every((name) => equal(columns[name], header[name])) &&
    equal(header.room, room.log.room) &&
    header.suite >= room.log.suite
  );
}

/** Rows are taken in order: what is not of the last valid commit is too late, or of none. */
function isOfEpoch({ room, header }: Case): boolean {
  const { last } = room.epochs;
  if (!last || !isOpen(room.log)) return false;
  return header.epoch === last.number && equal(header.commit, last.hash);
}

function isAtHead({ header, sender }: Case): boolean {
  return Boolean(sender?.key && isAhead(sender.log, header.deviceHead, sender.head));
}

async function isSigned({ suite, hash, sender, signature, ahead }: Case): Promise<boolean> {
  const key = sender?.key;
  const proof = await ahead?.proof;
  if (key && proof && equal(proof.key, key.signingKey)) return proof.holds;
  return key ? suite.verify(key.signingKey, signature, TAGS.messageSig, hash, key.id) : false;
}

function isNext({ room, header, last }: Case): boolean {
  const { seq, prev } = header;
  if (!last && room.anchored) return true;
  const before = last ?? NO_HEAD;
  return seq === before.seq + 1 ? equal(prev, before.hash) : seq > before.seq;
}

function received({ room, header, place, sender, last, ...rest }: Case): Received {
  const { head, body, bodyHash, signature, hash } = rest;
  const { seen } = header;
  const least = room.epochs.last?.place ?? 0;
  const agrees = seen.seq >= least && seen.seq < place && isOnTranscript(room.transcript, seen);
  const before = last?.seq ?? (room.anchored ? header.seq - 1 : 0);
  return {
    ...{ header, head, body, bodyHash, signature, hash, place },
    user: sender?.user ?? NO_HEAD.hash,
    gap: header.seq - before - 1,
    alarm: !agrees,
  };
}
