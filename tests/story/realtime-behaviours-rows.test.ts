import {
  postgresChangesFilter,
  type RealtimeChannel,
  type RealtimePostgresChangesPayload,
} from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ClientOptions, Live, type Person } from "./realtime-kit.ts";
import { Inbox, joined } from "./realtime-wait.ts";

/** What people trip over when rows are told; docs/live.md says where they did. */
type Told = RealtimePostgresChangesPayload<Record<string, unknown>>;

let live: Live;
let ada: Person;
beforeAll(async () => {
  live = await Live.start();
  ada = await live.person("ada");
  await live.db.query(tables);
});
afterEach(() => live.hangUp());
afterAll(() => live?.stop());

const tables = `
create type public.mood as enum ('fine', 'so so');
create domain public.percent as numeric check (value between 0 and 100);
create type public.point3 as (x integer, y text);
create table public.kinds (
  id uuid primary key default gen_random_uuid(),
  b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric, p public.percent,
  t text, v varchar(9), c char(4), m public.mood, j json, jb jsonb, u uuid, by bytea,
  d date, ti time, tz time with time zone, ts timestamp, tsz timestamptz, iv interval,
  texts text[], ints integer[], moods public.mood[], times timestamptz[], two integer[][], r int4range, co public.point3
);
create table public.made (
  id integer primary key, first text, last text,
  whole text generated always as (first || ' ' || last) stored,
  size integer generated always as (length(last)) stored
);
create table public.fat (id integer primary key, n integer, large text);
create table public.fat_full (id integer primary key, n integer, large text);
alter table public.fat_full replica identity full;
create table public.mine (id integer primary key, owner_id uuid, body text);
alter table public.mine replica identity full;
alter table public.mine enable row level security;
create schema helpers;
create function helpers.owns(uuid) returns boolean language sql stable security definer set search_path = ''
  as $$ select $1 = auth.uid() $$;
grant usage on schema helpers to authenticated;
create policy mine_select on public.mine for select to authenticated using (helpers.owns(owner_id));
create table public.keyless (n integer);
create schema "My Schema";
grant usage on schema "My Schema" to anon;
create type "My Schema"."Mood" as enum ('Good', 'BAD');
create table "My Schema"."My ""Table""" ("Id" integer primary key, "Mixed Case" text, "how" "My Schema"."Mood");
create table public.parents (id integer primary key);
create table public.children (id integer primary key, parent_id integer references public.parents on delete cascade);
create table public.later (id integer primary key);
grant select on all tables in schema public to anon, authenticated;
grant select on all tables in schema "My Schema" to anon, authenticated;
alter publication supabase_realtime add table public.kinds, public.made, public.fat, public.fat_full, public.mine,
  public.keyless, "My Schema"."My ""Table""", public.parents, public.children;
`;

type Wanted = Record<string, unknown>;

/** Listens to tables over one channel, once the server says so. */
async function listen(wanted: Wanted | Wanted[], options: ClientOptions = {}) {
  const told = new Inbox<Told>();
  const system = new Inbox<{ status: string; message: string }>();
  const channel = (await live.client(options)).channel(crypto.randomUUID());
  for (const one of [wanted].flat()) on(channel, one, told);
  channel.on("system", {}, system.put);
  await joined(channel);
  expect(await system.take()).toMatchObject({ message: "Subscribed to PostgreSQL" });
  return { told, channel };
}

function on(channel: RealtimeChannel, wanted: Wanted, told: Inbox<Told>): void {
  const filter = { event: "*", schema: "public", ...wanted } as never;
  channel.on("postgres_changes", filter, (change: Told) => told.put(change));
}

const sql = (text: string, values: unknown[] = []) => live.db.query(text, values);
const bodies = ({ all }: Inbox<Told>) => all.map((one) => (one.new as { body?: string }).body);

/** Told last to everybody who listens to the board: what was to come before it has come. */
const fence = () => sql("insert into public.board (body) values ('fence')");

describe("values", () => {
  it.each([
    ["2.109.0", "1.0.0"],
    ["newest", "2.0.0"],
  ] as const)("are those that a select gives, of every type (%s, %s)", async (release, vsn) => {
    const { told } = await listen({ table: "kinds", event: "INSERT" }, { release, vsn });
    await sql(`insert into public.kinds values (default, true, -1, 2, 42, 1.5, 0.1, 12.50, 99.9, 'é "☕" \\', 'v', 'c', 'so so',
      '{"a": [1, null]}', '{"b": {"c": "\\u0041"}}', gen_random_uuid(), '\\x00ff41', '2026-02-03', '04:05:06.7',
      '04:05:06+02', '2026-02-03 04:05:06.789', '2026-02-03 04:05:06.789+02', '1 day 02:03:04', '{"a,b","c\\"d",null,""}',
      '{1,null,-3}', '{fine,"so so"}', '{"2026-02-03 04:05:06+00"}', '{{1,2},{3,4}}', '[1,5)', '(1,"x y")')`);
    await sql(`insert into public.kinds (n, f8, tsz, ts, d, texts, i8, jb)
      values ('NaN', 'NaN', 'infinity', '-infinity', '-infinity', '{}', 9007199254740993, 'null')`);
    await sql("insert into public.kinds default values");
    const rows = (await told.takeMany(3)).map((one) => one.new as { id: string });
    const { API_URL, PUBLISHABLE_KEY } = live.stack.env;
    for (const row of rows) {
      const answer = await fetch(`${API_URL}/rest/v1/kinds?id=eq.${row.id}`, {
        headers: { apikey: PUBLISHABLE_KEY },
      });
      expect(row).toEqual(((await answer.json()) as unknown[])[0]);
    }
  });

  it("of generated columns are told, and can be filtered by", async () => {
    const { told } = await listen({ table: "made" });
    const filtered = await listen({ table: "made", event: "INSERT", filter: "size=gt.4" });
    await sql("insert into public.made values (1, 'Ada', 'King'), (2, 'Ben', 'Franklin')");
    await sql("update public.made set first = null where id = 2");
    const [one, two, changed] = await told.takeMany(3);
    expect(one?.new).toEqual({ id: 1, first: "Ada", last: "King", whole: "Ada King", size: 4 });
    expect(two?.new).toMatchObject({ whole: "Ben Franklin", size: 8 });
    expect(changed?.new).toEqual({ id: 2, first: null, last: "Franklin", whole: null, size: 8 });
    expect((await filtered.told.take()).new).toMatchObject({ id: 2 });
    expect(filtered.told.all).toHaveLength(1);
  });

  it("that are large and did not change are missing, unless the table keeps old rows whole", async () => {
    const plain = await listen({ table: "fat", event: "UPDATE" });
    const full = await listen({ table: "fat_full", event: "UPDATE", filter: "large=like.f%" });
    for (const table of ["fat", "fat_full"]) {
      await sql(
        `insert into public.${table} select 1, 1, 'f' || string_agg(md5(n::text), '') from generate_series(1, 1000) n`,
      );
      await sql(`update public.${table} set n = 2`);
    }
    expect((await plain.told.take()).new).toEqual({ id: 1, n: 2 });
    const { new: row, old } = (await full.told.take()) as unknown as Record<"new" | "old", { large: string }>;
    expect([row.large.length, row.large]).toEqual([32_001, old.large]);
  });

  it("beyond a mebibyte leave a row with its small values, and say so", async () => {
    const { told } = await listen({ table: "fat", event: "INSERT" });
    await sql("insert into public.fat select 7, 7, repeat('x', 1100000)");
    expect(await told.take()).toMatchObject({
      errors: ["Error 413: Payload Too Large"],
      new: { id: 7, n: 7 },
    });
    expect(told.all[0]?.new).not.toHaveProperty("large");
  });
});

describe("deletions and old rows", () => {
  it("a filter meets deletions by every column where the table keeps old rows, else by the key", async () => {
    const full = await listen({ table: "fat_full", event: "DELETE", filter: "n=eq.31" });
    const other = await listen({ table: "fat", event: "DELETE", filter: "n=eq.31" });
    const key = await listen({ table: "fat", event: "DELETE", filter: "id=eq.31" });
    for (const table of ["fat_full", "fat"]) {
      await sql(`insert into public.${table} values (31, 31, 'a'), (32, 32, 'b')`);
      await sql(`delete from public.${table} where id in (31, 32)`);
    }
    expect((await full.told.take()).old).toEqual({ id: 31, n: 31, large: "a" });
    expect((await key.told.take()).old).toEqual({ id: 31 });
    expect([full, key, other].map(({ told }) => told.all.length)).toEqual([1, 1, 0]);
  });

  it("where row level security is on, an old row is its key alone, although the table keeps it whole", async () => {
    const { told } = await listen({ table: "mine" }, { as: ada });
    await sql("insert into public.mine values (1, $1, 'body')", [ada.id]);
    const inserted = await told.take();
    await sql("update public.mine set body = 'new'");
    const updated = await told.take();
    await sql("delete from public.mine");
    const deleted = await told.take();
    expect([inserted.new, inserted.old]).toEqual([{ id: 1, owner_id: ada.id, body: "body" }, {}]);
    expect([updated.old, deleted.old]).toEqual([{ id: 1 }, { id: 1 }]);
  });

  it("a key that changes tells the old one", async () => {
    const { told } = await listen({ table: "fat", event: "UPDATE", filter: "id=eq.52" });
    await sql("insert into public.fat values (51, 1, 'a')");
    await sql("update public.fat set id = 52 where id = 51");
    expect(await told.take()).toMatchObject({ new: { id: 52, n: 1 }, old: { id: 51 } });
  });

  it("rows that go with their parent are told", async () => {
    const { told } = await listen({ table: "children", event: "DELETE" });
    await sql("insert into public.parents values (1)");
    await sql("insert into public.children values (1, 1), (2, 1)");
    await sql("delete from public.parents");
    expect((await told.takeMany(2)).map(({ old }) => (old as { id: number }).id).sort()).toEqual([1, 2]);
  });

  it("TRUNCATE is told to nobody", async () => {
    const { told } = await listen([{ table: "fat" }, { table: "board", event: "INSERT" }]);
    await sql("truncate public.fat");
    await fence();
    expect((await told.take()).table).toBe("board");
  });
});

describe("filters", () => {
  it.each<[string, string[]]>([
    ["a,b", ["a,b"]],
    ["(x)", ["(x)"]],
    ['say "hi"', ['say "hi"']],
    ["back\\slash", ["back\\slash"]],
    ["100%", ["100%"]],
    ["é ☕ '; drop", ["é ☕ '; drop"]],
    ["eq.1", ["eq.1"]],
  ])("a value may hold anything, as the library's own builder writes it: %j", async (value, wanted) => {
    const filters = [
      postgresChangesFilter().eq("body", value),
      postgresChangesFilter().in("body", ["no", value]),
    ];
    const heard = await Promise.all(
      filters.map((filter) => listen({ table: "board", event: "INSERT", filter })),
    );
    const last = await listen({ table: "board", event: "INSERT", filter: "body=eq.fence" });
    for (const body of ["a", "b", "x", "hi", "100", "100x", value]) {
      await sql("insert into public.board (body) values ($1)", [body]);
    }
    await fence();
    await last.told.take();
    await expect.poll(() => heard.map(({ told }) => bodies(told))).toEqual([wanted, wanted]);
  });

  it("an update that leaves a filter is not told, one that comes into it is", async () => {
    const { told } = await listen({ table: "board", event: "UPDATE", filter: "n=eq.61" });
    await sql("insert into public.board (body, n) values ('moves', 60)");
    for (const n of [61, 62, 61]) await sql("update public.board set n = $1 where body = 'moves'", [n]);
    expect(
      (await told.takeMany(2)).map((one) => [(one.old as { n: number }).n, (one.new as { n: number }).n]),
    ).toEqual([
      [60, 61],
      [62, 61],
    ]);
    expect(told.all).toHaveLength(2);
  });

  it("another filter on the same topic takes the place of the first", async () => {
    const client = await live.client();
    const [before, after] = [new Inbox<Told>(), new Inbox<Told>()];
    const open = async (filter: string, told: Inbox<Told>) => {
      const system = new Inbox<unknown>();
      const channel = client.channel("changing");
      on(channel, { table: "board", event: "INSERT", filter }, told);
      await joined(channel.on("system", {}, system.put));
      await system.take();
      return channel;
    };
    await client.removeChannel(await open("n=eq.71", before));
    await open("n=eq.72", after);
    await sql("insert into public.board (body, n) values ('x', 71), ('y', 72)");
    await after.take();
    expect([bodies(before), bodies(after)]).toEqual([[], ["y"]]);
  });
});

describe("tables", () => {
  it("with names that need quotes are told, with their own types", async () => {
    const { told } = await listen({ schema: "My Schema", table: 'My "Table"', filter: "Mixed Case=eq.yes" });
    await sql(`insert into "My Schema"."My ""Table""" values (1, 'no', 'Good'), (2, 'yes', 'BAD')`);
    expect(await told.take()).toMatchObject({
      schema: "My Schema",
      table: 'My "Table"',
      new: { Id: 2, "Mixed Case": "yes", how: "BAD" },
    });
  });

  it("that are published later are told to who listens to all, and can be subscribed to from then on", async () => {
    const all = await listen({});
    const refused = new Inbox<{ message: string }>();
    const channel = (await live.client()).channel(crypto.randomUUID());
    on(channel, { table: "later" }, new Inbox());
    await joined(channel.on("system", {}, refused.put));
    expect((await refused.take()).message).toMatch(/check Realtime is enabled/);
    await sql("alter publication supabase_realtime add table public.later");
    const one = await listen({ table: "later" });
    await sql("insert into public.later values (1)");
    expect([(await one.told.take()).new, (await all.told.take()).new]).toEqual([{ id: 1 }, { id: 1 }]);
  });

  it("that gain a column tell it from then on", async () => {
    const { told } = await listen({ table: "parents", event: "INSERT" });
    await sql("insert into public.parents values (81)");
    await sql("alter table public.parents add column word text default 'w'");
    await sql("insert into public.parents values (82)");
    expect((await told.takeMany(2)).map((one) => one.new)).toEqual([{ id: 81 }, { id: 82, word: "w" }]);
  });

  it("without a primary key say that of what is inserted", async () => {
    const { told } = await listen({ table: "keyless" });
    await sql("insert into public.keyless values (1)");
    expect(await told.take()).toMatchObject({ errors: ["Error 400: Bad Request, no primary key"], new: {} });
  });

  it("whose policies call a function are told by them", async () => {
    const [adas, nobodys] = [
      await listen({ table: "mine", event: "INSERT" }, { as: ada }),
      await listen({ table: "mine", event: "INSERT" }),
    ];
    await sql("insert into public.mine values (91, $1, 'hers'), (92, gen_random_uuid(), 'not hers')", [
      ada.id,
    ]);
    await sql("insert into public.mine values (93, $1, 'fence')", [ada.id]);
    await adas.told.takeMany(2);
    expect([bodies(adas.told), bodies(nobodys.told)]).toEqual([["hers", "fence"], []]);
  });
});

describe("subscriptions", () => {
  it("each callback of a channel gets what it asked for", async () => {
    const [inserts, updates, all] = [new Inbox<Told>(), new Inbox<Told>(), new Inbox<Told>()];
    const channel = (await live.client({ release: "newest" })).channel(crypto.randomUUID());
    on(channel, { table: "board", event: "INSERT" }, inserts);
    on(channel, { table: "board", event: "UPDATE" }, updates);
    on(channel, { table: "board" }, all);
    const system = new Inbox<unknown>();
    await joined(channel.on("system", {}, system.put));
    await system.take();
    await sql("insert into public.board (body) values ('once')");
    await sql("update public.board set body = 'twice' where body = 'once'");
    await all.takeMany(2);
    expect([bodies(inserts), bodies(updates), bodies(all)]).toEqual([["once"], ["twice"], ["once", "twice"]]);
  });

  it.each<Wanted>([
    {},
    { schema: "*", table: undefined },
    { table: "board", filter: "" },
    { table: "board", filter: undefined },
    { event: "INSERT", table: "*" },
  ])("the library and the server agree on what was asked for: %j", async (wanted) => {
    const { told } = await listen(wanted);
    await fence();
    expect((await told.take()).table).toBe("board");
  });

  it("with wait, SUBSCRIBED means that what is written now is told", async () => {
    const told = new Inbox<Told>();
    const client = await live.client({ release: "newest" });
    const config = { postgres_changes_options: { wait: true } };
    const channel = client.channel(crypto.randomUUID(), { config } as never);
    on(channel, { table: "board", event: "INSERT", filter: "body=eq.waited" }, told);
    await joined(channel);
    await sql("insert into public.board (body) values ('waited')");
    await told.take();
  });

  it("with wait, a table that is not published refuses the join", async () => {
    const client = await live.client({ release: "newest" });
    const config = { postgres_changes_options: { wait: true } };
    const channel = client.channel(crypto.randomUUID(), { config } as never);
    on(channel, { table: "unpublished" }, new Inbox());
    await expect(joined(channel)).rejects.toThrow("RealtimeDisabledForConfiguration: Unable to subscribe");
  });

  it("what is rolled back is never told, and what is upserted is told as what it became", async () => {
    const { told } = await listen({ table: "fat" });
    await sql("begin; insert into public.fat values (101); rollback");
    await sql(
      "begin; insert into public.fat values (102); savepoint s; insert into public.fat values (103); rollback to s; commit",
    );
    await sql("insert into public.fat values (102, 2) on conflict (id) do update set n = 3");
    await sql("insert into public.fat values (102, 2) on conflict do nothing");
    await sql("delete from public.fat where id = 102");
    const seen = (await told.takeMany(3)).map((one) => [one.eventType, (one.new as { n?: number }).n]);
    expect(seen).toEqual([
      ["INSERT", null],
      ["UPDATE", 3],
      ["DELETE", undefined],
    ]);
  });

  it("3,000 rows of one statement are told, in order", async () => {
    const { told } = await listen({ table: "board", event: "INSERT", filter: "body=eq.bulk" });
    await sql("insert into public.board (body, n) select 'bulk', n from generate_series(1, 3000) n");
    const seen = await told.takeMany(3000);
    expect(seen.map((one) => (one.new as { n: number }).n)).toEqual(
      Array.from({ length: 3000 }, (_, at) => at + 1),
    );
  });
});
