import { fromBase64url, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import { objectHash } from "../../crypto/group/index.ts";
import { nextT, startTranscript, type Transcript } from "../../crypto/transcript/transcript.ts";
import { throwIfAborted } from "../../failure/network.ts";
import type { Pin } from "../../store/keys/types.ts";
import type { Core } from "../core.ts";
import type { Want } from "../directory.ts";
import { fromUuid, toUuid } from "../ids.ts";
import { noSuchRoom } from "../room/missing.ts";
import { toRow, wantsOf } from "../room/rows.ts";
import type { ChatAlarm } from "../types.ts";
import { logPin, roomPin } from "../vault/contacts.ts";
import type { WireHead, WireLog, WireRow } from "../wire.ts";
import type { EvidenceOptions } from "./types.ts";

const ACTION = "rooms.exportEvidence";
/** The most that the database gives at a time. */
const MOST_ROWS = 500;
const MOST_LOGS = 200;

/** A place that somebody has signed, or this device has pinned, and that the rows of this file do not come to. */
interface Finding {
  /** The row whose header or core says so; null: what this device had verified. */
  row: number | null;
  seq: number;
  says: string;
  /** T of that row by the rows of this file; null where there is none. */
  here: string | null;
}

/**
 * What a server shows of a room now, beside what was verified and signed before: the signed bytes themselves. It reads
 * past the device's own judgement, which may have ended with an alarm.
 */
export async function* exportEvidence(
  core: Core,
  id: string,
  { onProgress, signal }: EvidenceOptions,
): AsyncGenerator<string, void, undefined> {
  throwIfAborted(signal, ACTION);
  const [head] = await core.wire.ask<WireHead[]>("heads", { rooms: [id] }, ACTION, signal);
  if (!head?.members) throw noSuchRoom(ACTION, id);
  const room = fromUuid(id);
  const pin = await core.keystore.pin(roomPin(room));
  yield await evidenceHead(core, head, pin && { seq: pin.seq, transcript: toHex(pin.hash) });
  const reading = new Reading(core, room);
  await reading.begin();
  yield '\n"rows":[';
  for (let next = 1; next <= head.last_seq; ) {
    const args = { room: id, after: next - 1, limit: MOST_ROWS };
    const rows = await core.wire.ask<WireRow[]>("room_rows", args, ACTION, signal);
    for (const row of rows) yield `${row.seq > 1 ? "," : ""}\n${JSON.stringify(await reading.take(row))}`;
    if (rows.length === 0) break; // Withheld: what is missing is part of what this shows.
    next = (rows.at(-1)?.seq ?? head.last_seq) + 1;
    onProgress?.({ done: Math.min(next - 1, head.last_seq), total: head.last_seq });
  }
  yield '],\n"deviceLogs":[';
  const asked = reading.logsOf(head);
  let separator = "";
  for (let at = 0; at < asked.length; at += MOST_LOGS) {
    for await (const log of deviceLogs(core, asked.slice(at, at + MOST_LOGS), signal)) {
      yield `${separator}\n${JSON.stringify(log)}`;
      separator = ",";
    }
  }
  const engine = await core.rooms.get(id)?.catch(() => null);
  const places = [...placesOf(engine?.group.room.transcript), ...(pin ? [pin] : [])];
  const findings = [...reading.findings, ...reading.against(places)];
  yield `],\n"transcript":${JSON.stringify(reading.last)},\n"findings":${JSON.stringify(findings)}}\n`;
}

/** Where `seen` stands in a message's header and in a commit's core: docs/protocol.md §14.1, §15.1. */
const SEEN = { message: 171, tombstone: 171, commit: 138, entry: null };

/** The place that a row's sender says to have verified. */
function seenIn({ kind, bytes: text }: WireRow): { seq: number; transcript: string } | null {
  const [at, bytes] = [SEEN[kind], fromBase64url(text)];
  if (at === null || bytes.length < at + 40) return null;
  const seq = Number.parseInt(toHex(bytes.subarray(at, at + 8)), 16);
  return { seq, transcript: toHex(bytes.subarray(at + 8, at + 40)) };
}

/** What this session has verified, row by row. */
const placesOf = (transcript: Transcript | undefined): Pin[] =>
  (transcript?.history ?? []).map((hash, at) => ({ seq: (transcript?.from ?? 0) + at, hash }));

/** By whom, of what, and what this device had verified before. */
async function evidenceHead(core: Core, head: WireHead, pin: object | null): Promise<string> {
  const { me, rooms } = core;
  const engine = await rooms.get(head.id)?.catch(() => null);
  const alarm: ChatAlarm | null = engine?.stopped ?? null;
  const by = { userId: me.userId, root: toHex(me.root), device: me.deviceId };
  const seen = engine && {
    from: engine.group.room.transcript.from,
    transcripts: engine.group.room.transcript.history.map((hash) => toHex(hash)),
  };
  const about = { room: head.id, by, alarm, pin, seen: seen ?? null, head };
  const text = JSON.stringify({ trackit: 1, madeAt: new Date().toISOString(), ...about });
  return `${text.slice(0, -1)},`;
}

/** Rows as they come: their transcript, what they say of it, and whose lists of devices they rest on. */
class Reading {
  readonly findings: Finding[] = [];
  readonly #core: Core;
  readonly #room: Uint8Array<ArrayBuffer>;
  readonly #transcripts: Uint8Array[] = [];
  readonly #wants = new Map<string, Want>();

  constructor(core: Core, room: Uint8Array<ArrayBuffer>) {
    this.#core = core;
    this.#room = room;
  }

  async begin(): Promise<void> {
    const { place } = await startTranscript(this.#core.suite, this.#room);
    this.#transcripts.push(place.hash);
  }

  get last(): { seq: number; transcript: string } {
    const seq = this.#transcripts.length - 1;
    return { seq, transcript: this.#at(seq) ?? "" };
  }

  async take(wire: WireRow): Promise<object> {
    const { suite } = this.#core;
    const row = toRow(this.#room, wire);
    const { seq, kind, bytes, by, at } = wire;
    for (const want of wantsOf(wire))
      if (want.root) this.#wants.set(toHex(want.user) + toHex(want.root), want);
    const said = seenIn(wire);
    if (said && this.#at(said.seq) !== said.transcript)
      this.findings.push({ row: seq, seq: said.seq, says: said.transcript, here: this.#at(said.seq) });
    const before = this.#transcripts[seq - 1];
    if (before) this.#transcripts[seq] = await nextT(suite, before, await objectHash(suite, row));
    return { seq, kind, by, at, bytes, transcript: this.#at(seq) };
  }

  /** Every identity that an entry names, and those of the members. */
  logsOf({ members }: WireHead): { user_id: string; root: string }[] {
    const all = new Map<string, { user_id: string; root: string }>();
    for (const { user, root } of this.#wants.values())
      if (root) all.set(toHex(user) + toHex(root), { user_id: toUuid(user), root: toBase64url(root) });
    for (const { user_id, root } of members ?? [])
      all.set(toHex(fromUuid(user_id)) + toHex(fromBase64url(root)), { user_id, root });
    return [...all.values()];
  }

  /** The first of the places that this device had verified to which the rows do not come. */
  against(places: readonly Pin[]): Finding[] {
    const other = places.find(({ seq, hash }) => this.#at(seq) !== toHex(hash));
    return other ? [{ row: null, seq: other.seq, says: toHex(other.hash), here: this.#at(other.seq) }] : [];
  }

  #at(seq: number): string | null {
    const hash = this.#transcripts[seq];
    return hash ? toHex(hash) : null;
  }
}

/** Logs of devices as the server gives them now, whole, with what this device had verified of them. */
async function* deviceLogs(
  { keystore, wire }: Core,
  asked: readonly { user_id: string; root: string }[],
  signal: AbortSignal | undefined,
): AsyncGenerator<object> {
  let open = asked.map((one) => ({ ...one, after: 0 }));
  const entries = new Map<string, string[]>();
  while (open.length > 0) {
    const found = await wire.ask<WireLog[]>("read_device_logs", { asked: open }, ACTION, signal);
    const more: typeof open = [];
    for (const { user_id, root, rows, entries: read } of found) {
      const all = [...(entries.get(user_id + root) ?? []), ...read];
      entries.set(user_id + root, all);
      if (all.length < rows && read.length > 0) more.push({ user_id, root, after: all.length });
      else {
        const pin = await keystore.pin(logPin(fromUuid(user_id), fromBase64url(root)));
        const known = pin && { seq: pin.seq, hash: toHex(pin.hash) };
        yield { userId: user_id, root: toHex(fromBase64url(root)), rows, pin: known, entries: all };
      }
    }
    open = more;
  }
}
