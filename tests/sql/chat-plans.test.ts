/** What reading rooms costs: a page is a page, however much a room holds and whoever else writes. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./support/database.ts";
import { createPeople, type Person, queryAs } from "./support/people.ts";
import { planOf } from "./support/plan.ts";

const small = "00000000-0000-4000-8000-00000000000a";
const large = "00000000-0000-4000-8000-00000000000b";
const sizes: [room: string, messages: number][] = [
  [small, 1_000],
  [large, 40_000],
];

let database: Database;
let client: pg.Client;
let ada: Person;

beforeAll(async () => {
  database = await openDatabase();
  const { admin } = database;
  const people = await createPeople(admin, "ada", "ben");
  ada = people.ada;
  await admin.query("set session_replication_role = replica");
  for (const [room, messages] of sizes) await fill(room, messages, people.ben);
  // Two hundred more rooms of ada's with a few messages each, and two hundred of others.
  await admin.query(
    `insert into public.rooms (id, kind, protocol, minimum_suite, history, transcript, last_seq, active_at)
     select md5('room' || n)::uuid, 'group', 1, 1, 'none', sha256('x'), 5, now() - n * interval '1 minute'
     from generate_series(1, 400) n`,
  );
  await admin.query(
    `insert into public.room_members (room_id, user_id, root, role, since)
     select md5('room' || n)::uuid, case when n <= 200 then $1::uuid else md5('other' || n)::uuid end, sha256('x'), 1, 1
     from generate_series(1, 400) n`,
    [ada.id],
  );
  await admin.query(
    `insert into public.messages select md5('room' || n / 5)::uuid, gen_random_uuid(), n % 5, ${columns} from generate_series(5, 2004) n`,
    [people.ben.id],
  );
  await admin.query("set session_replication_role = origin");
  await admin.query("vacuum analyze public.messages, public.rooms, public.room_members, public.room_log");
  client = new pg.Client(database.url("authenticator"));
  await client.connect();
  // Filling takes seconds, more on a busy machine.
}, 180_000);
afterAll(async () => {
  await client.end();
  await database.close();
});

const columns = `1, 1, $1::uuid, md5('device')::uuid, n, sha256('x'), sha256('x'),
  decode(repeat('00', 219), 'hex'), decode(repeat('00', 328), 'hex'), decode(repeat('00', 64), 'hex')`;

async function fill(room: string, messages: number, { id: sender }: Person): Promise<void> {
  const { admin } = database;
  await admin.query(
    `insert into public.rooms (id, kind, protocol, minimum_suite, history, transcript, last_seq, log_rows)
     values ($1, 'group', 1, 1, 'none', sha256('x'), $2, 1)`,
    [room, messages + 1],
  );
  await admin.query(
    `insert into public.room_members (room_id, user_id, root, role, since) values ($1, $2, sha256('x'), 3, 1)`,
    [room, ada.id],
  );
  await admin.query(
    `insert into public.room_log (room_id, seq, room_seq, op, author, hash, entry)
     values ($1, 1, 1, 1, $2, sha256('x'), decode(repeat('00', 326), 'hex'))`,
    [room, ada.id],
  );
  await admin.query(
    `insert into public.messages select $2::uuid, gen_random_uuid(), n + 1, ${columns} from generate_series(1, $3::integer) n`,
    [sender, room, messages],
  );
}

/** Pages that a call touches, its inner statements included; planned before, as on a connection that is in use. */
async function pagesOf(call: string, values: unknown[]): Promise<number> {
  // Postgres decides for a kept plan after five.
  for (let times = 0; times < 6; times++) await queryAs(client, ada, `select ${call}`, values);
  return (await planOf(client, ada, `select ${call}`, values)).buffers;
}

describe("a page of 50 messages", () => {
  const page =
    "select m from public.messages m where m.room_id = $1 and m.seq < $2 order by m.seq desc limit 50";

  it("is read from the index of its room's partition, with the policies asked once", async () => {
    const plan = await planOf(client, ada, page, [large, 20_000]);
    expect(
      plan.indexes.every((name) => name.endsWith("_room_id_seq_class_sender_id_key")),
      plan.text,
    ).toBe(true);
    expect(
      plan.scans.filter((scan) => scan.startsWith("Seq Scan")),
      plan.text,
    ).toEqual([]);
    expect([plan.initPlans, plan.subPlans, plan.rowsRead], plan.text).toEqual([2, 0, 0]);
  });

  it("costs the same at the end and at the beginning of 40,000 as among 1,000", async () => {
    const call = "public.messages_page($1, $2, 50)";
    const few = await pagesOf(call, [small, 900]);
    for (const before of [40_001, 20_000, 60])
      expect(await pagesOf(call, [large, before])).toBeLessThan(few * 1.2 + 8);
  });

  it("costs the same read forward, entries and commits among them", async () => {
    const call = "public.room_rows($1, $2, 50)";
    const few = await pagesOf(call, [small, 0]);
    for (const after of [0, 20_000, 39_900])
      expect(await pagesOf(call, [large, after])).toBeLessThan(few * 1.2 + 8);
  });
});

describe("what a sender has seen", () => {
  /** As within send_messages(), which alone may ask. */
  async function pagesTo(call: string, values: unknown[]): Promise<[pages: number, answer: unknown]> {
    const sql = `select ${call} as answer from public.rooms r where r.id = $1`;
    for (let times = 0; times < 6; times++) await database.admin.query(sql, values);
    const { rows } = await database.admin.query(sql, values);
    const plan = await database.admin.query(`explain (analyze, buffers, format json) ${sql}`, values);
    const [top] = plan.rows[0]?.["QUERY PLAN"] ?? [];
    return [top.Plan["Shared Hit Blocks"] + top.Plan["Shared Read Blocks"], rows[0]?.answer];
  }
  const found = "select 1 from public.rooms r where r.id = $1";

  it("is compared without reading a row where nothing came in between", async () => {
    const seen = `jsonb_build_object('stamp', private.stamp_of(r), 'seq', r.last_seq, 'transcript', private.to_base64url(r.transcript))`;
    const [room] = await pagesTo(`(${found})`, [large]);
    const [pages, news] = await pagesTo(`private.news_for(r, ${seen})`, [large]);
    expect([news, pages <= room]).toEqual([null, true]);
  });

  it("costs the same for the last 50 of 40,000 rows as of 1,000, and no more for who has missed all", async () => {
    const since = (room: string, place: number) =>
      pagesTo("private.goes_on_from(r, $2, sha256('another'))", [room, place]);
    const [few] = await since(small, 951);
    expect((await since(large, 39_951))[0]).toBeLessThan(few * 1.2 + 8);
    expect((await since(large, 1))[0]).toBeLessThan(few);
    // The rows since are what is carried on: with T of then it comes to T of now.
    expect((await since(large, 39_951))[1]).toBe(false);
    const { rows } = await database.admin.query(
      `with recursive t (n, t) as (
         select 39951, sha256('x') union all
         select n + 1, private.next_transcript(t, sha256('x')) from t where n < 40001
       ) select t from t where n = 40001`,
    );
    await database.admin.query("update public.rooms set transcript = $2 where id = $1", [large, rows[0]?.t]);
    const [, goesOn] = await pagesTo("private.goes_on_from(r, 39951, sha256('x'))", [large]);
    expect(goesOn).toBe(true);
  });
});

describe("the list of rooms", () => {
  it("reads what is unread from an index, and not the messages", async () => {
    await database.admin.query("delete from public.read_marks");
    const unread =
      "select m.class, m.sender_id from public.messages m where m.room_id = $1 and m.seq > $2 order by m.seq limit 1000";
    const plan = await planOf(client, ada, unread, [large, 0]);
    expect(
      plan.scans.every((scan) => scan.startsWith("Index Only Scan")),
      plan.text,
    ).toBe(true);
    expect(plan.buffers).toBeLessThan(60);
  });

  it("gives 50 of 202 with a few pages for each", async () => {
    expect(await pagesOf("public.my_rooms()", [])).toBeLessThan(50 * 30);
  });

  it("and heads of 50 with fewer", async () => {
    const call = "public.heads(array(select md5('room' || n)::uuid from generate_series(1, 50) n))";
    expect(await pagesOf(call, [])).toBeLessThan(50 * 15);
  });

  it("and heads of a room of 1,000 no more than of one of two, for who knows its members", async () => {
    const crowd = "00000000-0000-4000-8000-00000000000c";
    await database.admin.query("set session_replication_role = replica");
    await fill(crowd, 10, ada);
    await database.admin.query(
      `insert into public.room_members (room_id, user_id, root, role, since)
       select $1, md5('crowd' || n)::uuid, sha256('x'), 1, 1 from generate_series(2, 1000) n`,
      [crowd],
    );
    await database.admin.query("set session_replication_role = origin");
    const known = { [small]: "1.0", [crowd]: "1.0" };
    const of = (room: string) => pagesOf("public.heads($1, $2)", [[room], known]);
    expect(await of(crowd)).toBeLessThan((await of(small)) + 8);
  });
});
