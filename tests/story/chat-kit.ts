import type postgres from "postgres";
import { openCore, openStation } from "../../sdk/src/chat/core.ts";
import { Emitter } from "../../sdk/src/chat/emitter.ts";
import { fromUuid } from "../../sdk/src/chat/ids.ts";
import { RoomEngine } from "../../sdk/src/chat/room/engine.ts";
import { connect } from "../../sdk/src/connect.ts";
import { toBase64url } from "../../sdk/src/crypto/bytes/index.ts";
import type { Head } from "../../sdk/src/crypto/codec.ts";
import type { Transcript } from "../../sdk/src/crypto/transcript/index.ts";
import { uuid7 } from "../../sdk/src/ids/uuid7.ts";
import type { DevicesEvents, Message, Room } from "../../sdk/src/index.ts";
import { clocks } from "../../sdk/src/live/clocks.ts";
import { liveOn } from "../../sdk/src/live/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import type { Keystore } from "../../sdk/src/store/keys/types.ts";
import { Inbox } from "./realtime-wait.ts";
import { PASSWORD, type Person, type SdkKit } from "./sdk-kit.ts";

// A row that the server loses on its way shall cost a test seconds, not the half minute that it costs an app.
clocks.headCheck = 3_000;

export interface Talker extends Person {
  keystore: Keystore;
}

/** Somebody who has signed in on a device with keys; making them takes a third of a second. */
export async function talker(
  kit: SdkKit,
  name: string,
  options: { fetch?: typeof fetch } = {},
): Promise<Talker> {
  const keystore = memoryKeystore(name);
  const person = await kit.join(name, kit.trackit({ ...options, chat: { keystore } }));
  await person.trackit.devices.me();
  return { ...person, keystore };
}

/** The same device after a restart: another client, the same keys. */
export async function restarted(
  kit: SdkKit,
  { email, keystore, ...who }: Talker,
  options: { fetch?: typeof fetch } = {},
): Promise<Talker> {
  await who.trackit.close();
  const trackit = kit.trackit({ ...options, chat: { keystore } });
  await trackit.auth.signIn({ email, password: PASSWORD });
  return { ...who, email, keystore, trackit };
}

/** What a room tells, for a test to take. */
export function listen(room: Room): { said: Inbox<Message>; changed: Inbox<Message> } {
  const [said, changed] = [new Inbox<Message>(), new Inbox<Message>()];
  room.on("message", said.put);
  room.on("change", changed.put);
  return { said, changed };
}

/** The texts of a room, oldest first; in brackets what stands where there is none. */
export async function texts(room: Room): Promise<string[]> {
  const all = await room.history().toArray();
  return all.map(({ text, status, content }) => (content ? text : `[${status}]`)).reverse();
}

/** The ways in which a text may stand in a column: as it is, and its bytes as hex, base64, and UTF-16. */
function encodings(mark: string): string[] {
  const utf16 = Buffer.from(mark, "utf16le");
  const bytes = [Buffer.from(mark), utf16, Buffer.from(utf16).swap16()];
  // In base64 the letters depend on where the text begins; its ends on what stands beside it.
  const base64 = [0, 1, 2].flatMap((at) => {
    const text = Buffer.concat([Buffer.alloc(at), Buffer.from(mark)]).toString("base64url");
    return [text.slice(4, -4), text.slice(4, -4).replaceAll("-", "+").replaceAll("_", "/")];
  });
  return [mark, ...bytes.map((one) => one.toString("hex")), ...base64];
}

/** Reads every row of every table that there is, and says in which tables one of the marks stands in any encoding. */
export async function searchTables(
  sql: postgres.Sql,
  marks: readonly string[],
): Promise<{ read: string[]; found: string[] }> {
  const tables = await sql<{ name: string; rows: string }[]>`
    select n.nspname || '.' || c.relname as name, format('select t::text as row from %I.%I t', n.nspname, c.relname) as rows
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
      and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')`;
  const wanted = marks.flatMap(encodings);
  const found = new Set<string>();
  for (const { name, rows } of tables) {
    for (const { row } of await sql.unsafe<{ row: string }[]>(rows)) {
      const isThere = wanted.some((one) => row.includes(one) || row.toLowerCase().includes(one));
      if (isThere) found.add(name);
    }
  }
  return { read: tables.map(({ name }) => name), found: [...found] };
}

/** Sends with a header that names another history than there is, signed by the device all the same; or `seen`. */
export async function lyingAbout(
  { trackit, id, keystore }: Talker,
  room: string,
  text: string,
  seen = ({ place }: Transcript): Head => ({ seq: place.seq, hash: new Uint8Array(32).fill(7) }),
): Promise<void> {
  const connection = connect(trackit.supabase);
  const station = await openStation(connection, { keystore }, { userId: id, temporary: false });
  const nothing = { alarms: new Emitter<DevicesEvents>(), followed: () => {} };
  const core = await openCore(station, liveOn(connection, null), nothing, "a lie");
  const { cipher, group } = await RoomEngine.open(core, room, "a lie");
  const { transcript } = group.room;
  const place = seen(transcript);
  const { message } = await cipher.encrypt(
    { ...group, room: { ...group.room, transcript: { ...transcript, place } } },
    { id: fromUuid(uuid7()), payload: { kind: "text", reply: new Uint8Array(32), text } },
    { devices: core.directory.logs, time: Date.now() },
  );
  await core.wire.ask("send_messages", { room, messages: [toBase64url(message)] }, "a lie");
  await core.close();
}

/** Another device of somebody's, signed in and not approved. */
export async function another(
  kit: SdkKit,
  { email }: Pick<Talker, "email">,
  remember: "device" | "tab" | "never" = "device",
): Promise<Talker["trackit"]> {
  const trackit = kit.trackit({ chat: { keystore: memoryKeystore("another") } });
  await trackit.auth.signIn({ email, password: PASSWORD, remember });
  return trackit;
}

/** ... and let in by the first. */
export async function approved(
  kit: SdkKit,
  who: Pick<Talker, "email" | "trackit">,
  remember: "device" | "tab" | "never" = "device",
): Promise<Talker["trackit"]> {
  const trackit = await another(kit, who, remember);
  const asked = await trackit.devices.requestApproval();
  const [device, own] = await Promise.all([who.trackit.devices.approve(asked.code), asked.approved]);
  if (own.id !== device.id || !own.here) throw new Error("another device than this one was let in");
  return trackit;
}
