import { type Bytes, equal, toHex } from "../../crypto/bytes/index.ts";
import type { Head } from "../../crypto/codec.ts";
import { type GroupEffect, objectHash, type Row } from "../../crypto/group/index.ts";
import { decodeMessage, decodeTombstone, type Payload } from "../../crypto/message/index.ts";
import { addRow, startTranscript } from "../../crypto/transcript/index.ts";
import { TrackItError } from "../../errors.ts";
import { throwIfAborted } from "../../failure/network.ts";
import type { WireRow } from "../wire.ts";
import { OTHER } from "./alarms.ts";
import type { RoomEngine } from "./engine.ts";
import type { Folded, Told } from "./fold.ts";
import { BLOCK } from "./past.ts";
import { toRow } from "./rows.ts";

/** A row of a message, and another. */
type MessageRow = Extract<Row, { kind: "message" }>;

/** Rows of the room that are known by the hash chain between two places, and T before each. */
interface Block {
  at: Head;
  rows: Told[];
  /** T of `at`, and of each row but the last. */
  hashes: Bytes[];
}

/**
 * Within a turn: rows that end in a known place, back to the next one that is known. They are the rows that this device
 * judged before, or the server shows another history.
 *
 * @throws CRYPTO_HISTORY
 */
async function readBlock(engine: RoomEngine, to: Head, action: string, signal?: AbortSignal): Promise<Block> {
  const { core, id, past, room } = engine;
  const low = Math.floor((to.seq - 1) / BLOCK) * BLOCK;
  const start = await startTranscript(core.suite, room);
  const at = { seq: low, hash: low === 0 ? start.place.hash : (past.marks[low / BLOCK - 1] as Bytes) };
  let transcript = { ...start, place: at, history: [at.hash], from: low };
  const rows: Block["rows"] = [];
  while (transcript.place.seq < to.seq) {
    const { seq: after } = transcript.place;
    const args = { room: id, after, limit: to.seq - after };
    const found = await core.wire.ask<WireRow[]>("room_rows", args, action, signal);
    for (const from of found.filter(({ seq }) => seq <= to.seq)) {
      if (from.seq !== transcript.place.seq + 1) break;
      const row = toRow(room, from);
      rows.push({ from, row });
      transcript = await addRow(core.suite, transcript, await objectHash(core.suite, row));
    }
    if (transcript.place.seq === after) break;
  }
  if (!equal(transcript.place.hash, to.hash)) {
    engine.alarm("history", null, OTHER);
    throw new TrackItError("CRYPTO_HISTORY", `${action}: ${OTHER}`);
  }
  return { at, rows, hashes: transcript.history.slice(0, -1) };
}

/** Within a turn: shows the rows before the first that is shown. @returns whether there are others before them. */
async function readOlder(engine: RoomEngine, action: string, signal?: AbortSignal): Promise<boolean> {
  const { from } = engine.thread;
  if (from.seq === 0) return false;
  const { at, rows } = await readBlock(engine, from, action, signal);
  const messages = rows.filter(
    (one): one is { from: WireRow; row: MessageRow } => one.row.kind === "message",
  );
  for (const { row } of messages) await engine.knowKeys(row.columns.epoch);
  const folded = await Promise.all(messages.map((one) => judgedBefore(engine, one)));
  engine.thread.older(at, folded);
  return at.seq > 0;
}

/**
 * Shows earlier rows until there is enough, or no more: block by block, and what comes meanwhile has its turn.
 *
 * @throws CRYPTO_HISTORY where the server shows other rows than it did.
 */
export async function showUntil(
  engine: RoomEngine,
  isEnough: () => boolean,
  action: string,
  signal?: AbortSignal,
): Promise<void> {
  const step = async (): Promise<boolean> => !isEnough() && (await readOlder(engine, action, signal));
  for (let more = engine.thread.from.seq > 0; more; ) {
    throwIfAborted(signal, action);
    more = await engine.inTurn(step);
  }
}

/** A message as it was judged when it came: its bytes are the same, so the verdict is. */
async function judgedBefore(
  engine: RoomEngine,
  { from, row }: { from: WireRow; row: MessageRow },
): Promise<Folded> {
  const { core, past } = engine;
  const odd = past.odd.get(row.place);
  const message =
    typeof odd === "string"
      ? null
      : await (row.tombstone ? decodeTombstone : decodeMessage)(core.suite, row.bytes).catch(() => null);
  const user = message && past.authors.get(toHex(message.header.device));
  if (!message || !user)
    return { row, from, effect: { verdict: { void: odd === "replay" ? "replay" : "malformed" } } };
  const received = {
    ...message,
    user,
    place: row.place,
    gap: typeof odd === "number" ? odd : 0,
    alarm: false,
  };
  const effect: GroupEffect = { verdict: "valid", message: received };
  const payload: Payload | null = await engine.decrypt(received).catch(() => null);
  return { row, from, effect: payload ? { ...effect, payload } : effect };
}

/** Where a row says which place its sender had seen, by the kind of row: docs/protocol.md §14.1, §15.1. */
const SEEN = { entry: null, commit: 138, message: 171 } as const;

/**
 * Within a turn: T of rows that the rows to come name as seen, where a checkpoint has left it out. A member may have
 * written long before it was sent.
 */
export async function recall(engine: RoomEngine, rows: readonly Told[], action: string): Promise<void> {
  const { epochs, transcript } = engine.group.room;
  const least = Math.max(0, (epochs.last?.place ?? 1) - 1);
  if (transcript.from <= least) return;
  const wanted = rows.map(seenIn).filter((seq) => seq >= least && seq < transcript.from);
  const lowest = Math.min(transcript.from, ...wanted);
  let first: Head = { seq: transcript.from, hash: transcript.history[0] as Bytes };
  let history = transcript.history.slice(0, transcript.place.seq - transcript.from + 1);
  while (first.seq > lowest) {
    const { at, hashes } = await readBlock(engine, first, action);
    history = [...hashes, ...history];
    first = at;
  }
  if (first.seq === transcript.from) return;
  const whole = { ...transcript, history, from: first.seq };
  engine.group = { ...engine.group, room: { ...engine.group.room, transcript: whole } };
}

function seenIn({ row: { kind, bytes } }: Told): number {
  const at = SEEN[kind];
  return at === null ? -1 : Number.parseInt(toHex(bytes.subarray(at, at + 8)) || "0", 16);
}
