/** Rooms over HTTP with real tokens: the vectors' story, who reads what, and who hears what. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { uuid7 } from "../../sdk/src/ids/uuid7.ts";
import * as rooms from "../sql/support/rooms.ts";
import type { Received } from "../support/http.ts";
import { as, createPeople, type Person, signIn } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";
import type { Row } from "../vectors/second/room.ts";
import { type Story, tell } from "../vectors/second/story.ts";
import { Inbox, joined, subscribe } from "./realtime-wait.ts";

let stack: TestStack;
let story: Story;
/** ada and ben of the vectors, by the bytes of their ids in hex. */
let cast: Map<string, Person>;
let eve: Person;
let clients: SupabaseClient[] = [];

beforeAll(async () => {
  stack = await openStack();
  story = tell();
  ({ eve } = await createPeople(stack, "eve"));
  await ask(eve, "append_device_entry", { entry: rooms.text(rooms.firstDevice(eve)) });
  cast = new Map();
  for (const { name, user } of [story.ada, story.ben])
    cast.set(user.toString("hex"), await signUp(name, user));
});
afterAll(async () => {
  for (const client of clients) client.realtime.disconnect();
  clients = [];
  await stack?.close();
});

/** An account with the id that the vectors have for it. */
async function signUp(name: string, user: Buffer): Promise<Person> {
  const account = {
    id: rooms.toUuid(user),
    email: `${name}@example.test`,
    password: `${name} has 1 long password`,
  };
  await stack.send({
    method: "POST",
    path: "/auth/v1/admin/users",
    headers: { apikey: stack.env.SECRET_KEY },
    body: { ...account, email_confirm: true, user_metadata: { username: name } },
  });
  return { name, username: name, ...account, ...(await signIn(stack, account)) };
}

const rpc = (who: Person, name: string, body: object): Promise<Received> =>
  stack.send({ method: "POST", path: `/rest/v1/rpc/${name}`, headers: as(stack, who), body });

async function ask<Answer = unknown>(who: Person, name: string, body: object): Promise<Answer> {
  const answer = await rpc(who, name, body);
  if (answer.status !== 200) throw new Error(`${name} by ${who.name}: ${answer.status} ${answer.text}`);
  return answer.json as Answer;
}

const person = (user: Buffer): Person => cast.get(user.toString("hex")) as Person;
const ada = (): Person => person(story.ada.user);
const ben = (): Person => person(story.ben.user);
const room = (): string => rooms.toUuid(story.room.id);
const devices = () => [story.phone, story.laptop, story.benPhone];

/** Who made a row, by the place where its kind says so. */
function makerOf({ kind, bytes }: Row): Person {
  if (kind === "entry") return person(bytes.subarray(58, 74));
  if (kind === "commit") return person(bytes.subarray(179, 195));
  return person(bytes.subarray(59, 75).equals(story.benPhone.id) ? story.ben.user : story.ada.user);
}

/** The rows of a commit's list. */
const listOf = ({ bytes }: Row) =>
  Array.from({ length: bytes.readUInt16BE(251) }, (_, at) =>
    bytes.subarray(253 + 136 * at, 253 + 136 * (at + 1)),
  );

const wrapsOf = (commit: Row): string[] =>
  listOf(commit).map((line) => {
    const to = devices().find(({ id }) => id.equals(line.subarray(56, 72)));
    return rooms.text(commit.wraps?.[to?.name ?? ""] as Buffer);
  });

const posted = new Map<Story["ada"], number>();

/** Posts a device log up to an entry. */
async function postLog(who: Story["ada"], upTo: number): Promise<void> {
  for (let at = posted.get(who) ?? 0; at < upTo; at++) {
    const entry = rooms.text(who.log.rows[at] as Buffer);
    await ask(person(who.user), "append_device_entry", { entry });
    posted.set(who, at + 1);
  }
}

/** A commit as it is posted, by somebody who has read every row that there is. */
async function changeOf(commit: Row, logRows: number): Promise<object> {
  for (const line of listOf(commit)) {
    const who = line.subarray(0, 16).equals(story.ben.user) ? story.ben : story.ada;
    await postLog(who, Number(line.readBigUInt64BE(16)));
  }
  const counted = [story.ada, story.ben].map((who) => [person(who.user).id, posted.get(who) ?? 0]);
  return {
    commit: rooms.text(commit.bytes),
    wraps: wrapsOf(commit),
    seen: { log: logRows, devices: Object.fromEntries(counted) },
  };
}

/** Posts the vectors' room row by row, entries with the commits that go with them. */
async function postRoom(): Promise<void> {
  const { rows } = story.room;
  let logRows = 0;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as Row;
    const next = rows[at + 1];
    const who = makerOf(row);
    const text = rooms.text(row.bytes);
    if (row.kind === "message") await ask(who, "send_messages", { room: room(), messages: [text] });
    else if (row.kind === "commit")
      await ask(who, "change_room", { room: room(), change: await changeOf(row, logRows) });
    else {
      const op = row.bytes[57] as number;
      const joint = op <= 3 && next?.kind === "commit";
      const step = joint ? await changeOf(next, op === 1 ? 1 : logRows) : {};
      if (op === 1) await ask(who, "create_room", { entry: text, change: step });
      else await ask(who, "change_room", { room: room(), change: { ...step, entries: [text] } });
      logRows++;
      if (joint) at++;
    }
  }
}

interface Told {
  seq: number;
  kind: string;
  bytes: string;
}

describe("the story of the vectors", () => {
  let left: Told[];

  it("is taken row by row, and read as it was written, with the transcript that its readers compute", async () => {
    await postLog(story.ben, 1);
    // The vectors' room has 16 bytes out of a seed for its id; groups made today have a UUIDv7.
    const rule = "create or replace function private.is_group_id(room uuid) returns boolean language sql";
    const { rows } = await stack.db.query(
      "select pg_get_functiondef('private.is_group_id(uuid)'::regprocedure) as sql",
    );
    await stack.db.query(`${rule} as 'select true'`);
    await postRoom();
    await stack.db.query(rows[0].sql);
    left = await ask<Told[]>(ada(), "room_rows", { room: room(), limit: 500 });
    const texts = story.room.rows.map(({ bytes }) => rooms.text(bytes));
    expect(left.map(({ bytes }) => bytes)).toEqual(texts);
    const [head] = await ask<{ last_seq: number; transcript: string }[]>(ada(), "heads", { rooms: [room()] });
    const [seq, transcript] = [story.room.place.readBigUInt64BE(0), story.room.place.subarray(8)];
    expect(head).toMatchObject({ last_seq: Number(seq), transcript: rooms.text(transcript) });
  });

  it("gives each of ada's devices its wraps, and nobody ben's", async () => {
    for (const device of [story.phone, story.laptop]) {
      const expected = story.room.rows
        .filter(({ wraps }) => wraps?.[device.name])
        .map(({ wraps }) => wraps?.[device.name]);
      const args = { room: room(), device: rooms.toUuid(device.id) };
      const wraps = await ask<{ wrap: string }[]>(ada(), "room_wraps", args);
      // Those of a device that was revoked are gone.
      const kept = device === story.laptop ? [] : expected.map((wrap) => rooms.text(wrap as Buffer));
      expect(wraps.map(({ wrap }) => wrap)).toEqual(kept);
    }
    expect(await ask(ada(), "room_wraps", { room: room(), device: rooms.toUuid(story.benPhone.id) })).toEqual(
      [],
    );
  });

  it("is over for ben, who has left, and was never there for eve: every read is empty, every write refused alike", async () => {
    const elsewhere = crypto.randomUUID();
    // It stands in the log, where ben has read it.
    const invite = rooms.toUuid((story.room.rows[4] as Row).bytes.subarray(170));
    const reads: [name: string, body: (room: string) => object][] = [
      ["room_rows", (id) => ({ room: id })],
      ["messages_page", (id) => ({ room: id })],
      ["room_wraps", (id) => ({ room: id, device: rooms.toUuid(story.benPhone.id) })],
      ["heads", (id) => ({ rooms: [id] })],
      ["join_requests_of", (id) => ({ room: id })],
    ];
    const message = (id: string, who: Person) => rooms.text(rooms.message(id, who, { epoch: 1, seq: 99 }));
    const writes: [name: string, body: (room: string, who: Person) => object][] = [
      ["send_messages", (id, who) => ({ room: id, messages: [message(id, who)] })],
      [
        "change_room",
        (id, who) => ({ room: id, change: { entries: [rooms.text(rooms.roomEntry(id, 9, 6, who))] } }),
      ],
      ["withdraw_messages", (id) => ({ room: id, ids: [] })],
      ["mark_read", (id) => ({ room: id, seq: 1 })],
      ["invited_log", (id) => ({ room: id, invite })],
    ];
    for (const who of [ben(), eve]) {
      for (const [name, body] of reads)
        expect([name, (await rpc(who, name, body(room()))).json]).toEqual([name, []]);
      for (const [name, body] of writes) {
        const [mine, none] = [
          await rpc(who, name, body(room(), who)),
          await rpc(who, name, body(elsewhere, who)),
        ];
        expect([name, mine.status, mine.text]).toEqual([name, 400, none.text.replaceAll(elsewhere, room())]);
        expect(mine.text).toContain("TK600");
      }
      for (const table of [
        "rooms",
        "room_members",
        "room_log",
        "room_epochs",
        "epoch_recipients",
        "messages",
      ]) {
        const answer = await stack.send({ path: `/rest/v1/${table}?select=*`, headers: as(stack, who) });
        expect([table, answer.json]).toEqual([table, []]);
      }
    }
  });

  it("stays unread by the server: no word of it stands in any table, in no encoding", async () => {
    const words = ["first run at six", "Träning", "I am in"];
    const forms = words.flatMap((word) => [
      Buffer.from(word),
      Buffer.from(word, "utf16le"),
      Buffer.from(Buffer.from(word).toString("base64").replace(/=+$/, "").slice(0, -1)),
      Buffer.from(Buffer.from(word).toString("hex")),
    ]);
    const { rows: tables } = await stack.db.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class where relkind = 'r'
         and relnamespace = any ('{public,private,realtime,auth,pgmq}'::regnamespace[])`,
    );
    const held: Buffer[] = [];
    for (const { name } of tables) {
      const { rows } = await stack.db.query<{ text: string }>(`select t::text as text from ${name} t`);
      for (const { text } of rows) held.push(Buffer.from(text));
    }
    // Binary columns are written in hex.
    const inHex = forms.map((form) => Buffer.from(form.toString("hex")));
    expect(held.length).toBeGreaterThan(50);
    expect([...forms, ...inHex].filter((form) => held.some((one) => one.includes(form)))).toEqual([]);
    expect(left.length).toBeGreaterThan(15);
  });
});

describe("a room's topic", () => {
  const group = uuid7();

  const client = async (who: Person): Promise<SupabaseClient> => {
    const made = createClient(stack.env.API_URL, stack.env.PUBLISHABLE_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: WebSocket as never },
      accessToken: () => Promise.resolve(who.token),
    });
    clients.push(made);
    await made.realtime.setAuth();
    return made;
  };

  const hear = async (who: Person, rev: number) => {
    const inbox = new Inbox<{
      event: string;
      payload: { seq: number; row?: { bytes: string }; rev?: number };
    }>();
    const channel = (await client(who)).channel(`room:${group}:${rev}`, { config: { private: true } });
    await joined(channel.on("broadcast", { event: "*" }, (told) => inbox.put(told as never)));
    return inbox;
  };

  /** One more of ada's epochs, with or without ben, and the entry that it goes with. */
  async function change(log: number, epoch: number, entry: Buffer, members: Person[]): Promise<void> {
    const { ada: owner } = founders;
    const seen = { log, devices: Object.fromEntries(members.map(({ id }) => [id, 1])) };
    const step = { entries: [rooms.text(entry)], ...rooms.commit(group, epoch, owner, members), seen };
    await ask(owner, "change_room", { room: group, change: step });
  }

  let founders: Record<"ada" | "ben", Person>;
  beforeAll(async () => {
    const people = await createPeople(stack, "anna", "bert");
    founders = { ada: people.anna, ben: people.bert };
    for (const who of Object.values(founders))
      await ask(who, "append_device_entry", { entry: rooms.text(rooms.firstDevice(who)) });
    const { ada: owner, ben: member } = founders;
    const seen = { log: 1, devices: { [owner.id]: 1 } };
    const first = rooms.text(rooms.roomEntry(group, 1, 1, owner, rooms.createData(1)));
    await ask(owner, "create_room", {
      entry: first,
      change: { ...rooms.commit(group, 1, owner, [owner]), seen },
    });
    await change(1, 2, rooms.roomEntry(group, 2, 2, owner, rooms.addData(member)), [owner, member]);
  });

  it("tells members each row, tells a removed one that it moves and nothing after, and lets eve in nowhere", async () => {
    const { ada: owner, ben: member } = founders;
    const [mine, theirs] = [await hear(owner, 1), await hear(member, 1)];
    for (const rev of [1, 2]) {
      const channel = (await client(eve)).channel(`room:${group}:${rev}`, { config: { private: true } });
      expect((await subscribe(channel)).status).toBe("CHANNEL_ERROR");
    }
    const said = rooms.text(rooms.message(group, member, { epoch: 2, seq: 1 }));
    await ask(member, "send_messages", { room: group, messages: [said] });
    for (const inbox of [mine, theirs]) {
      const told = await inbox.take("the message");
      expect(told).toMatchObject({
        event: "messages.insert",
        payload: { v: 1, seq: 5, row: { bytes: said } },
      });
    }
    await change(2, 3, rooms.roomEntry(group, 3, 3, owner, rooms.named(member)), [owner]);
    const after = await hear(owner, 2);
    await ask(owner, "send_messages", {
      room: group,
      messages: [rooms.text(rooms.message(group, owner, { epoch: 3, seq: 1 }))],
    });
    expect(await after.take("a message on the next topic")).toMatchObject({
      event: "messages.insert",
      payload: { seq: 8 },
    });
    // The database speaks in order: what the old topic was to hear, it has heard by now.
    await stack.db.query("select realtime.send('{}', 'last', $1, true)", [`room:${group}:1`]);
    const heard = await theirs.takeMany(3);
    expect(heard.map(({ event }) => event)).toEqual(["room_log.insert", "moved", "last"]);
    const again = (await client(member)).channel(`room:${group}:2`, { config: { private: true } });
    expect((await subscribe(again)).status).toBe("CHANNEL_ERROR");
  });

  it("takes a broadcast from nobody, its members neither (403), while they may speak on its live topic (202)", async () => {
    const { ada: owner, ben: member } = founders;
    const post = (who: Person, topic: string) =>
      stack.send({
        method: "POST",
        path: `/realtime/v1/api/broadcast/${topic}/events/messages.insert?private=true`,
        headers: as(stack, who),
        body: { v: 1, seq: 99, row: {} },
      });
    for (const who of [owner, member, eve]) expect((await post(who, `room:${group}:2`)).status).toBe(403);
    expect((await post(owner, `live:${group}:2`)).status).toBe(202);
    for (const who of [member, eve]) expect((await post(who, `live:${group}:2`)).status).toBe(403);
  });
});
