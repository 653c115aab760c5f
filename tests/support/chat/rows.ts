import { createHash } from "node:crypto";
import type postgres from "postgres";
import { hash, nextTranscript, text, toUuid, transcriptStart } from "../../sql/support/rooms.ts";
import type { LyingProxy } from "./lying-proxy.ts";

/** A row of a room as it stands on the wire. */
export interface WireRow {
  seq: number;
  kind: "entry" | "commit" | "message" | "tombstone";
  by: string;
  at: string;
  bytes: string;
}

const HEADER = 219;
const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

/** What the transcript takes of a row: docs/protocol.md §21.1. */
export function hashOf(kind: WireRow["kind"], bytes: Buffer): Buffer {
  if (kind === "tombstone") return hash("message", bytes.subarray(0, -64));
  if (kind === "message")
    return hash("message", bytes.subarray(0, HEADER), sha256(bytes.subarray(HEADER + 4, -64)));
  return hash(kind === "entry" ? "room-entry" : "commit", bytes.subarray(0, -64));
}

/** Rows numbered anew, and where a room stands that has just these. */
export function historyOf(room: string, rows: readonly WireRow[]) {
  let transcript = transcriptStart(room);
  for (const { kind, bytes } of rows)
    transcript = nextTranscript(transcript, hashOf(kind, Buffer.from(bytes, "base64url")));
  const count = (kind: WireRow["kind"]) => rows.filter((row) => row.kind === kind).length;
  return {
    rows: rows.map((row, at) => ({ ...row, seq: at + 1 })),
    head: {
      last_seq: rows.length,
      transcript: text(transcript),
      epoch: count("commit"),
      log_rows: count("entry"),
    },
  };
}

/** All rows of a room, past every policy; at most 500. */
export async function allRows(sql: postgres.Sql, room: string): Promise<WireRow[]> {
  const [row] = await sql`select public.room_rows(${room}, 0, 500) as rows`;
  return row?.rows as WireRow[];
}

/** Whose devices an epoch of a room was wrapped for, by the database's word; the last one by default. */
export async function wrappedFor(sql: postgres.Sql, room: string, epoch?: number): Promise<string[]> {
  const rows = await sql`
    select device_id from epoch_recipients where room_id = ${room}
      and epoch = ${epoch ?? sql`(select epoch from rooms where id = ${room})`}`;
  return rows.map(({ device_id }) => String(device_id));
}

/**
 * Shows one account another history of a room than there is, whole in itself: numbers, heads and transcript fit, and
 * nothing is told of what happens in the room.
 *
 * @param change What is shown in place of all rows.
 */
export function showView(
  proxy: LyingProxy,
  sql: postgres.Sql,
  { to, room, change }: { to: string; room: string; change: (rows: WireRow[]) => WireRow[] },
): { told(): boolean; stop(): void } {
  const shown = async () => historyOf(room, change(await allRows(sql, room)));
  const rows = proxy.answers<WireRow[]>("room_rows", to, async (answer, { args }) =>
    args.room === room ? (await shown()).rows.filter(({ seq }) => seq > Number(args.after)) : answer,
  );
  const heads = proxy.answers<{ id: string }[]>("heads", to, async (answer) =>
    Promise.all(answer.map(async (head) => (head.id === room ? { ...head, ...(await shown()).head } : head))),
  );
  // Whoever sends names what it was shown; a server that checks that tells it as little of the truth.
  const news = proxy.answers<{ stale?: object }>("send_messages", to, async (answer, { args }) =>
    answer.stale && args.room === room ? { stale: { ...answer.stale, ...(await shown()).head } } : answer,
  );
  const hear = proxy.silence(to, (topic) => topic.includes(`room:${room}`));
  return {
    told: () => heads.times > 0,
    stop: () => {
      for (const one of [rows, heads, news]) one.stop();
      hear();
    },
  };
}

/** What whoever has the database puts into a room: the next row, whoever has signed it, whatever it says. */
export async function putRow(
  sql: postgres.Sql,
  room: string,
  row: {
    kind: "entry" | "commit" | "message";
    bytes: Uint8Array;
    by: string;
    wraps?: Map<string, Uint8Array>;
  },
): Promise<number> {
  const bytes = Buffer.from(row.bytes);
  const made = hashOf(row.kind, bytes);
  return sql.begin(async (tx) => {
    const [at] =
      await tx`select last_seq, log_rows, epoch, transcript from rooms where id = ${room} for update`;
    if (!at) throw new Error(`putting a row into room ${room}: there is none; wanted one`);
    const [seq, log, epoch] = [Number(at.last_seq) + 1, Number(at.log_rows) + 1, Number(at.epoch) + 1];
    if (row.kind === "entry") {
      await tx`insert into room_log (room_id, seq, room_seq, op, author, hash, entry)
        values (${room}, ${log}, ${seq}, ${bytes[57] ?? 0}, ${row.by}, ${made}, ${bytes})`;
      await tx`update rooms set log_rows = ${log} where id = ${room}`;
    }
    if (row.kind === "commit") {
      await tx`insert into room_epochs (room_id, epoch, room_seq, committer, device_id, hash, commit)
        values (${room}, ${epoch}, ${seq}, ${row.by}, ${toUuid(bytes.subarray(195))}, ${made}, ${bytes})`;
      await tx`update rooms set epoch = ${epoch} where id = ${room}`;
    }
    if (row.kind === "message") await putMessage(tx, room, { seq, bytes, made, by: row.by });
    const next = nextTranscript(Buffer.from(at.transcript as Uint8Array), made);
    await tx`update rooms set last_seq = ${seq}, transcript = ${next} where id = ${room}`;
    return seq;
  });
}

/** With columns that say something else than the header: number, id and class are the server's own. */
async function putMessage(
  tx: postgres.TransactionSql,
  room: string,
  { seq, bytes, made, by }: { seq: number; bytes: Buffer; made: Buffer; by: string },
): Promise<void> {
  const [header, body, signature] = [
    bytes.subarray(0, HEADER),
    bytes.subarray(HEADER + 4, -64),
    bytes.subarray(-64),
  ];
  const [device, epoch] = [toUuid(header.subarray(59)), Number(header.readBigUInt64BE(19))];
  await tx`insert into messages
    (room_id, id, seq, epoch, class, sender_id, device_id, device_seq, hash, body_hash, header, body, signature)
    values (${room}, gen_random_uuid(), ${seq}, ${epoch}, 1, ${by}, ${device}, ${1_000_000 + seq}, ${made},
      ${sha256(body)}, ${header}, ${body}, ${signature})`;
}
