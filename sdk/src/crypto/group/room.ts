import { type Bytes, misuse } from "../bytes/index.ts";
import {
  applyCommit,
  COMMIT_RULES,
  type CommitVoid,
  commitHash,
  type Dropped,
  type Epoch,
  startEpochs,
} from "../epoch/index.ts";
import {
  applyMessage,
  MESSAGE_RULES,
  type Message,
  type MessageRoom,
  type MessageRow,
  type Received,
  type Refusal,
  rowHash,
  startTrail,
} from "../message/index.ts";
import { aheadOf } from "../message/receive.ts";
import {
  applyRoomEntry,
  type DeviceLogs,
  ROOM_RULES,
  type RoomRow,
  type RoomVoid,
  roomEntryHash,
  startRoomLog,
} from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { addRow, startTranscript } from "../transcript/index.ts";
import type { Verdict } from "../verdict.ts";
import { type Alarm, alarmOf } from "./alarm.ts";

/** A room as far as its rows were read: a value, which applying a row replaces by another. */
export type Room = MessageRoom;

/** A row of a room, in the one order that the database gave them. */
export type Row =
  | ({ kind: "entry" } & RoomRow)
  /** Core, list and signature. */
  | ({ kind: "commit" } & RoomRow)
  | ({ kind: "message" } & MessageRow);

/** The rules that rows are judged by: all of them, but in a test that shows what one is for. */
export interface Rules {
  room?: typeof ROOM_RULES;
  commit?: typeof COMMIT_RULES;
  message?: typeof MESSAGE_RULES;
}

/** What a row did. Everything but the verdict is there only where it applies. */
export interface Effect {
  verdict: Verdict<RoomVoid | CommitVoid | Refusal>;
  /** The epoch that a commit began. */
  epoch?: Epoch;
  /** Devices that a commit ended: messages of theirs above that place, shown before, count no more. */
  dropped?: Dropped;
  message?: Received;
  /** A message whose signature holds, also where it is void for its place. */
  signed?: Pick<Message, "header" | "hash">;
  /** Two messages under one number: neither is to be trusted. */
  twins?: readonly [Bytes, Bytes];
  /** Sending stops until somebody decides, or that device is gone. */
  alarm?: Alarm;
}

/** A room before its first row. */
export async function startRoom(suite: Suite, room: Bytes): Promise<Room> {
  return {
    log: startRoomLog(room),
    transcript: await startTranscript(suite, room),
    epochs: startEpochs(),
    trail: startTrail(),
    senders: new Map(),
    anchored: false,
  };
}

/** The hash by which a row stands in the transcript, whatever the row is worth. */
export function objectHash(suite: Suite, row: Row): Promise<Bytes> {
  if (row.kind === "entry") return roomEntryHash(suite, row.bytes);
  if (row.kind === "commit") return commitHash(suite, row.bytes);
  return rowHash(suite, row.bytes, row.tombstone === true);
}

/**
 * Takes the next row of a room, whatever it is, and tells what it did. Never throws for what the row holds.
 *
 * @param logs Device logs, read up to every head that the row names.
 * @throws USAGE_INVALID for another row than the next.
 */
export async function applyRow(
  suite: Suite,
  room: Room,
  row: Row,
  logs: DeviceLogs,
  rules: Rules = {},
): Promise<{ room: Room; effect: Effect }> {
  const next = room.transcript.place.seq + 1;
  if (row.place !== next) throw misuse("a row of a room", `number ${row.place}`, `number ${next}`);
  const { room: after, ...found } = await judged(suite, room, row, logs, rules);
  const { verdict } = found;
  const alarm = verdict === "valid" ? null : await alarmOf(suite, room, row, verdict.void, logs);
  const effect = alarm ? { ...found, alarm } : found;
  const hash = effect.message?.hash ?? (await objectHash(suite, row));
  const known = row.kind === "message" ? await aheadOf(row)?.step : null;
  const transcript = await addRow(suite, after.transcript, hash, known);
  return { room: { ...after, transcript }, effect };
}

async function judged(
  suite: Suite,
  room: Room,
  row: Row,
  logs: DeviceLogs,
  rules: Rules,
): Promise<Effect & { room: Room }> {
  if (row.kind === "entry") {
    const { log, verdict } = await applyRoomEntry(suite, room.log, row, logs, rules.room ?? ROOM_RULES);
    return { room: { ...room, log }, verdict };
  }
  if (row.kind === "commit") {
    const applied = await applyCommit(suite, room, row, logs, rules.commit ?? COMMIT_RULES);
    return { ...applied, room: { ...room, ...applied.room } };
  }
  const applied = await applyMessage(suite, room, row, logs, rules.message ?? MESSAGE_RULES);
  const { message } = applied;
  if (!message?.alarm) return applied;
  const { device, seen } = message.header;
  return { ...applied, alarm: { user: message.user, device, seen } };
}
