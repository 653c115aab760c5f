/** Rooms with many at them at once: one order, one transcript, and nobody waits for ever. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { uuid7 } from "../../sdk/src/ids/uuid7.ts";
import { type Database, openDatabase } from "./support/database.ts";
import { beginAs, createPeople, type Person, queryAs, refusalOf } from "./support/people.ts";
import * as rooms from "./support/rooms.ts";

const names = ["ada", "ben", "carl", "dora", "emil", "fay", "gus", "hal"] as const;

let database: Database;
let clients: pg.Client[];
let people: Record<(typeof names)[number], Person>;

beforeAll(async () => {
  database = await openDatabase();
  people = await createPeople(database.admin, ...names);
  clients = Array.from({ length: 20 }, () => new pg.Client(database.url("authenticator")));
  await Promise.all(clients.map((client) => client.connect()));
  for (const who of all()) await call(0, who, "append_device_entry", rooms.text(rooms.firstDevice(who)));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await database.close();
});

const all = (): Person[] => names.map((name) => people[name]);

const turns: Promise<unknown>[] = [];

/** Calls a function as REST does, on one of the connections, after what was begun on it before. */
function call<Answer = unknown>(
  at: number,
  who: Person,
  name: string,
  ...values: unknown[]
): Promise<Answer> {
  const place = at % clients.length;
  const given = values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  const sql = `select public.${name}(${given.map((_, one) => `$${one + 1}`).join()}) as answer`;
  const turn = (turns[place] ?? Promise.resolve()).then(async () => {
    const [row] = await queryAs<{ answer: Answer }>(clients[place] as pg.Client, who, sql, given);
    return row?.answer as Answer;
  });
  turns[place] = turn.catch(() => {});
  return turn;
}

interface Room {
  id: string;
  log: number;
  epoch: number;
}

const seen = (log: number, members: readonly Person[], rows = 1) => ({
  log,
  devices: Object.fromEntries(members.map(({ id }) => [id, rows])),
});

/** How many rows there are at this moment of the log of a room, as it is told, and of these people's. */
async function seenBy(log: number, ...members: Person[]) {
  const { rows } = await database.admin.query<{ devices: Record<string, number> }>(
    "select jsonb_object_agg(user_id, rows) as devices from public.identities where user_id = any ($1)",
    [members.map(({ id }) => id)],
  );
  return { log, devices: rows[0]?.devices ?? {} };
}

/** A group of ada's with these others as admins. */
async function groupOf(...others: Person[]): Promise<Room> {
  const { ada } = people;
  const id = uuid7();
  const first = rooms.roomEntry(id, 1, 1, ada, rooms.createData(1));
  await call(0, ada, "create_room", rooms.text(first), {
    ...rooms.commit(id, 1, ada, [ada]),
    seen: await seenBy(1, ada),
  });
  if (others.length === 0) return { id, log: 1, epoch: 1 };
  const entries = others.map((who, at) =>
    rooms.text(rooms.roomEntry(id, at + 2, 2, ada, rooms.addData(who, 2))),
  );
  const change = { entries, ...rooms.commit(id, 2, ada, [ada, ...others]) };
  await call(0, ada, "change_room", id, { ...change, seen: await seenBy(1, ada, ...others) });
  return { id, log: 1 + others.length, epoch: 2 };
}

/** T over everything that is stored, as a reader computes it, and whether numbers have gaps. */
async function recomputed(room: string): Promise<{ transcript: string; seqs: number[] }> {
  const { rows } = await database.admin.query<{ seq: string; hash: Buffer }>(
    `select room_seq as seq, hash from public.room_log where room_id = $1
     union all select room_seq, hash from public.room_epochs where room_id = $1
     union all select seq, hash from public.messages where room_id = $1 order by 1`,
    [room],
  );
  const transcript = rows.reduce(
    (before, { hash }) => rooms.nextTranscript(before, hash),
    rooms.transcriptStart(room),
  );
  return { transcript: transcript.toString("hex"), seqs: rows.map(({ seq }) => Number(seq)) };
}

async function expectWhole(room: string): Promise<void> {
  const { rows } = await database.admin.query<{ transcript: Buffer; last_seq: string }>(
    "select transcript, last_seq from public.rooms where id = $1",
    [room],
  );
  const { transcript, seqs } = await recomputed(room);
  expect(seqs).toEqual(Array.from(seqs, (_, at) => at + 1));
  expect(Number(rows[0]?.last_seq)).toBe(seqs.length);
  expect(rows[0]?.transcript.toString("hex")).toBe(transcript);
}

const sorted = (outcomes: string[]) => [...outcomes].sort();

describe("at once", () => {
  it("eight people who each add somebody make one change; the others hear that heads are stale", async () => {
    const [, ...others] = all();
    const room = await groupOf(...others.slice(0, 6));
    const members = [people.ada, ...others.slice(0, 6)];
    const outcomes = await Promise.all(
      members.map((who, at) => {
        const entry = rooms.roomEntry(room.id, room.log + 1, 2, who, rooms.addData(people.hal));
        const next = rooms.commit(room.id, room.epoch + 1, who, [...members, people.hal]);
        const change = { entries: [rooms.text(entry)], ...next, seen: seen(room.log, members) };
        // What is compared are the heads before the change: hal is not among them.
        return refusalOf(call(at, who, "change_room", room.id, change));
      }),
    );
    expect(sorted(outcomes)).toEqual(["", ...Array(6).fill("TK601 CONFLICT_STALE_HEADS")]);
    const { rows } = await database.admin.query("select from public.room_epochs where room_id = $1", [
      room.id,
    ]);
    expect(rows).toHaveLength(3);
    await expectWhole(room.id);
  });

  it("50 messages of four senders get numbers without gaps, and the transcript that readers compute", async () => {
    const room = await groupOf(people.ben, people.carl, people.dora);
    const senders = [people.ada, people.ben, people.carl, people.dora];
    const sent = Array.from({ length: 50 }, (_, at) => {
      const who = senders[at % 4] as Person;
      return { who, bytes: rooms.message(room.id, who, { epoch: 2, seq: 1 + Math.floor(at / 4) }) };
    });
    await Promise.all(
      sent.map(({ who, bytes }, at) => call(at, who, "send_messages", room.id, [rooms.text(bytes)])),
    );
    await expectWhole(room.id);
    const { rows } = await database.admin.query<{ hash: Buffer }>(
      "select hash from public.messages where room_id = $1",
      [room.id],
    );
    const hashes = (list: Buffer[]) => list.map((hash) => hash.toString("hex")).sort();
    expect(hashes(rows.map(({ hash }) => hash))).toEqual(
      hashes(sent.map(({ bytes }) => rooms.messageHash(bytes))),
    );
  });

  it("one message that is sent 20 times is one row, and each sender is answered with it", async () => {
    const room = await groupOf();
    const bytes = rooms.text(rooms.message(room.id, people.ada, { epoch: 1, seq: 1 }));
    const answers = await Promise.all(
      clients.map((_, at) =>
        call<{ messages: { seq: number }[] }>(at, people.ada, "send_messages", room.id, [bytes]),
      ),
    );
    expect(new Set(answers.map(({ messages }) => messages[0]?.seq))).toEqual(new Set([3]));
    await expectWhole(room.id);
  });

  it("one change that is made 10 times is made once, and each is answered with where the room stands", async () => {
    const room = await groupOf();
    const entry = rooms.text(rooms.roomEntry(room.id, 2, 2, people.ada, rooms.addData(people.ben)));
    const next = rooms.commit(room.id, 2, people.ada, [people.ada, people.ben]);
    const change = { entries: [entry], ...next, seen: seen(1, [people.ada]) };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => call(at, people.ada, "change_room", room.id, change)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await expectWhole(room.id);
  });

  it("two people who begin their direct room make one", async () => {
    const { emil, fay } = people;
    const id = rooms.directRoom(emil, fay);
    const begin = (at: number, who: Person, peer: Person) => {
      const first = rooms.roomEntry(id, 1, 1, who, rooms.createData(2, peer));
      const change = { ...rooms.commit(id, 1, who, [who, peer]), seen: seen(1, [who, peer]) };
      return refusalOf(call(at, who, "create_room", rooms.text(first), change));
    };
    const outcomes = await Promise.all([begin(1, emil, fay), begin(2, fay, emil)]);
    expect(sorted(outcomes)).toEqual(["", "TK005 CONFLICT_ID"]);
    await expectWhole(id);
  });

  it("who is removed while they send either was heard before or is told that there is no such room", async () => {
    const room = await groupOf(people.ben);
    const removal = rooms.text(
      rooms.roomEntry(room.id, room.log + 1, 3, people.ada, rooms.named(people.ben)),
    );
    const sends = Array.from({ length: 12 }, (_, at) =>
      refusalOf(
        call(at + 1, people.ben, "send_messages", room.id, [
          rooms.text(rooms.message(room.id, people.ben, { epoch: 2, seq: at + 1 })),
        ]),
      ),
    );
    const [removed, ...outcomes] = await Promise.all([
      refusalOf(call(0, people.ada, "change_room", room.id, { entries: [removal] })),
      ...sends,
    ]);
    expect(removed).toBe("");
    expect(outcomes.filter((outcome) => outcome !== "" && outcome !== "TK600 ACCESS_NOT_FOUND")).toEqual([]);
    const { rows } = await database.admin.query(
      `select from public.messages m join public.room_log l on l.room_id = m.room_id and l.op = 3
       where m.room_id = $1 and m.seq > l.room_seq`,
      [room.id],
    );
    expect(rows).toEqual([]);
    await expectWhole(room.id);
  });

  it("devices that come and go, commits and messages in the same rooms end without a deadlock", async () => {
    const { ada, gus, hal } = people;
    const shared = [await groupOf(gus, hal), await groupOf(gus, hal), await groupOf(gus, hal)];
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, at) => {
        const room = shared[at % 3] as Room;
        const who = [ada, gus, hal][Math.floor(at / 3) % 3] as Person;
        if (at % 4 === 0) {
          const entry = rooms.addDevice(who, 2 + Math.floor(at / 12), `tablet ${at}`);
          return refusalOf(call(at, who, "append_device_entry", rooms.text(entry)));
        }
        if (at % 4 === 1) {
          const next = { ...rooms.commit(room.id, 3, who, [ada, gus, hal]), seen: seen(3, [ada, gus, hal]) };
          return refusalOf(call(at, who, "change_room", room.id, next));
        }
        const bytes = rooms.message(room.id, who, { epoch: 2, seq: at + 1 });
        return refusalOf(call(at, who, "send_messages", room.id, [rooms.text(bytes)]));
      }),
    );
    const expected = ["", "TK601 CONFLICT_STALE_HEADS", "TK602 CONFLICT_EPOCH"];
    expect(outcomes.filter((outcome) => !expected.includes(outcome))).toEqual([]);
    for (const { id } of shared) await expectWhole(id);
  });
});
/** Resolves when so many requests wait for a lock. */
async function blocked(many = 1): Promise<void> {
  const waiting = "select from pg_stat_activity where wait_event_type = 'Lock'";
  const limit = Date.now() + 60_000;
  while (((await database.admin.query(waiting)).rowCount ?? 0) < many) {
    // Within a transaction the view shows what it showed first.
    await database.admin.query("select pg_stat_clear_snapshot()");
    if (Date.now() > limit) throw new Error("nobody waits for a lock");
  }
}

describe("a change of a room that is not committed yet", () => {
  let server: pg.Client;

  beforeAll(async () => {
    server = new pg.Client(database.url("supabase_auth_admin"));
    await server.connect();
  });
  afterAll(() => server.end());

  /** What is done while ada's call is under way; it is committed as soon as that waits for it, or has not waited. */
  async function beside(name: string, values: unknown[], work: () => Promise<unknown>): Promise<void> {
    const device = clients[0] as pg.Client;
    await turns[0];
    await beginAs(device, people.ada);
    await device.query(`select public.${name}(${values.map((_, at) => `$${at + 1}`)})`, values);
    const done = work();
    await Promise.race([done, blocked()]);
    await device.query("commit");
    await done;
  }

  /** The room as it is afterwards. */
  async function during(
    room: string,
    change: object,
    work: () => Promise<unknown>,
  ): Promise<Record<string, unknown>> {
    await beside("change_room", [room, JSON.stringify(change)], work);
    const { rows } = await database.admin.query("select * from public.rooms where id = $1", [room]);
    return rows[0];
  }

  const bringsIn = (room: Room, who: Person) => ({
    entries: [rooms.text(rooms.roomEntry(room.id, 2, 2, people.ada, rooms.addData(who)))],
    ...rooms.commit(room.id, 2, people.ada, [people.ada, who]),
  });

  const nextOf = ({ id }: Person, { devices }: { devices: Record<string, number> }) => (devices[id] ?? 0) + 1;

  it("leaves no key to a device that carl revokes meanwhile", async () => {
    const { ada, carl } = people;
    const room = await groupOf(carl);
    const seen = await seenBy(room.log, ada, carl);
    const change = { ...rooms.commit(room.id, 3, ada, [ada, carl]), seen };
    const entry = rooms.text(rooms.revokeDevice(carl, nextOf(carl, seen), "phone"));
    const stored = await during(room.id, change, () => call(1, carl, "append_device_entry", entry));
    const wraps = "select epoch from public.epoch_recipients where room_id = $1 and user_id = $2";
    expect((await database.admin.query(wraps, [room.id, carl.id])).rows).toEqual([]);
    expect(stored).toMatchObject({ epoch: "3", rekey_required: true });
  });

  it("brings dora in with all her devices, or owes a commit to the one that she adds meanwhile", async () => {
    const { ada, dora } = people;
    const room = await groupOf();
    const seen = await seenBy(1, ada, dora);
    const change = { ...bringsIn(room, dora), seen };
    const entry = rooms.text(rooms.addDevice(dora, nextOf(dora, seen), "tablet"));
    const stored = await during(room.id, change, () => call(1, dora, "append_device_entry", entry));
    expect(stored).toMatchObject({ epoch: "2", rekey_required: true, devices_rev: "1" });
  });

  it("does not bring dora in beside a device that she is adding", async () => {
    const { ada, dora } = people;
    const room = await groupOf();
    const seen = await seenBy(1, ada, dora);
    const change = { ...bringsIn(room, dora), seen };
    const entry = rooms.addDevice(dora, nextOf(dora, seen), "laptop");
    const device = clients[1] as pg.Client;
    await turns[1];
    await beginAs(device, dora);
    await device.query("select public.append_device_entry($1)", [rooms.text(entry)]);
    const outcome = refusalOf(call(0, ada, "change_room", room.id, change));
    await blocked();
    await device.query("commit");
    expect(await outcome).toBe("TK601 CONFLICT_STALE_HEADS");
  });

  it("brings fay in on a topic that moves when she is banned meanwhile", async () => {
    const { ada, fay } = people;
    const room = await groupOf();
    const change = { ...bringsIn(room, fay), seen: await seenBy(1, ada, fay) };
    const ban = "update auth.users set banned_until = now() + interval '1 hour' where id = $1";
    expect(await during(room.id, change, () => server.query(ban, [fay.id]))).toMatchObject({ topic_rev: 2 });
  });

  it("leaves no grant to gus, whose account goes meanwhile", async () => {
    const { ada, gus } = people;
    const room = await groupOf(gus);
    await beside("post_grant", [rooms.text(rooms.grant(room.id, ada, gus))], () =>
      server.query("delete from auth.users where id = $1", [gus.id]),
    );
    const { rows } = await database.admin.query("select from public.room_grants where recipient = $1", [
      gus.id,
    ]);
    expect(rows).toEqual([]);
  });

  it("brings nobody in whose account goes meanwhile, but for a place that is marked as erased", async () => {
    const { ada, emil } = people;
    const room = await groupOf();
    const change = { ...bringsIn(room, emil), seen: await seenBy(1, ada, emil) };
    const stored = await during(room.id, change, () =>
      server.query("delete from auth.users where id = $1", [emil.id]),
    );
    const member = "select erased from public.room_members where room_id = $1 and user_id = $2";
    expect((await database.admin.query(member, [room.id, emil.id])).rows).toEqual([{ erased: true }]);
    expect(stored).toMatchObject({ rekey_required: true });
    await expectWhole(room.id);
  });
});

describe("a vault", () => {
  it("is written by one of ada's devices after the other, in whatever order they have their items", async () => {
    const { ada } = people;
    const [first, second, third] = Array.from({ length: 3 }, () => uuid7());
    const put = (at: number, version: number, ...items: (string | undefined)[]) => {
      const list = items.map((item) => rooms.text(rooms.vaultItem(item as string, version, at)));
      return refusalOf(call(at, ada, "put_vault_items", list));
    };
    expect(await put(1, 1, first, second, third)).toBe("");
    await database.admin.query("begin");
    await database.admin.query("select from public.vault_items where item = $1 for update", [second]);
    const one = put(1, 2, first, second, third);
    await blocked();
    const other = put(2, 2, third, first);
    await blocked(2);
    await database.admin.query("commit");
    expect(await Promise.all([one, other])).toEqual(["", "TK607 CONFLICT_VERSION"]);
  });
});
