import type { RealtimeChannel, RealtimePostgresChangesPayload } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientOptions, Live, type Person, releases } from "./realtime-kit.ts";
import { Inbox, joined, within } from "./realtime-wait.ts";

type Told = RealtimePostgresChangesPayload<Record<string, unknown>>;

let live: Live;
let ada: Person;
let ben: Person;
beforeAll(async () => {
  live = await Live.start();
  [ada, ben] = await Promise.all([live.person("ada"), live.person("ben")]);
});
afterAll(() => live?.stop());

interface Wanted {
  event?: "*" | "INSERT" | "UPDATE" | "DELETE";
  schema?: string;
  table?: string;
  filter?: string;
  select?: string[];
}

let count = 0;

/** A channel that listens to a table, once the server says so. */
async function listen(
  options: ClientOptions,
  ...wanted: Wanted[]
): Promise<{ told: Inbox<Told>; channel: RealtimeChannel }> {
  const told = new Inbox<Told>();
  const system = new Inbox<{ status: string; message: string }>();
  const channel = (await live.client(options)).channel(`changes-${++count}`);
  for (const one of wanted) {
    const filter = { event: "*", schema: "public", ...one } as never;
    channel.on("postgres_changes", filter, (change: Told) => told.put(change));
  }
  channel.on("system", {}, system.put);
  await joined(channel);
  expect(await system.take("a word on the subscription")).toMatchObject({
    message: "Subscribed to PostgreSQL",
  });
  return { told, channel };
}

const insertNote = async (owner: Person, body: string, more: Record<string, unknown> = {}) => {
  const row = { owner_id: owner.id, body, ...more };
  const names = Object.keys(row);
  const { rows } = await live.db.query<{ id: string }>(
    `insert into public.notes (${names.join(", ")}) values (${names.map((_, at) => `$${at + 1}`)}) returning id`,
    Object.values(row),
  );
  return Number(rows[0]?.id);
};

describe.each(releases)("supabase-js %s", (release) => {
  it.each(["1.0.0", "2.0.0"] as const)("ada is told of her own rows as they change (%s)", async (vsn) => {
    const { told } = await listen({ release, vsn, as: ada }, { table: "notes" });
    const id = await insertNote(ada, "first", {
      secret: "s",
      tags: ["a", "b"],
      extra: { deep: [1, null] },
      price: "12.50",
      done: true,
    });
    expect(await told.take()).toMatchObject({
      eventType: "INSERT",
      schema: "public",
      table: "notes",
      errors: null,
      old: {},
      new: {
        id,
        owner_id: ada.id,
        body: "first",
        stars: 0,
        tags: ["a", "b"],
        extra: { deep: [1, null] },
        price: 12.5,
        done: true,
        at: "2026-01-02T03:04:05+00:00",
      },
    });
    await live.db.query("update public.notes set stars = 3 where id = $1", [id]);
    expect(await told.take()).toMatchObject({ eventType: "UPDATE", new: { id, stars: 3 }, old: { id } });
    await live.db.query("delete from public.notes where id = $1", [id]);
    expect(await told.take()).toMatchObject({ eventType: "DELETE", new: {}, old: { id } });
    for (const change of told.all) expect(JSON.stringify(change)).not.toContain("secret");
  });
});

describe("row level security", () => {
  it("ben is not told of ada's rows, and both of their own", async () => {
    const adas = await listen({ as: ada }, { table: "notes", event: "INSERT" });
    const bens = await listen({ as: ben }, { table: "notes", event: "INSERT" });
    await insertNote(ada, "ada's");
    await insertNote(ben, "ben's");
    expect(await adas.told.take()).toMatchObject({ new: { body: "ada's" } });
    expect(await bens.told.take()).toMatchObject({ new: { body: "ben's" } });
    expect([adas.told.all.length, bens.told.all.length]).toEqual([1, 1]);
  });

  it("a deletion tells its key alone", async () => {
    const bens = await listen({ as: ben }, { table: "notes", event: "DELETE" });
    const id = await insertNote(ada, "gone");
    await live.db.query("delete from public.notes where id = $1", [id]);
    expect((await bens.told.take()).old).toEqual({ id });
  });

  it("the service role is told of everything", async () => {
    const service = await listen({ key: live.stack.env.SECRET_KEY }, { table: "notes", event: "INSERT" });
    await insertNote(ada, "for the service");
    expect(await service.told.take()).toMatchObject({ errors: ["Error 401: Unauthorized"] });
  });

  it("a table without it is for everybody, with the whole old row where the table keeps it", async () => {
    const { told } = await listen({}, { table: "board" });
    await live.db.query("insert into public.board (body, n) values ('hello', 1)");
    await live.db.query("update public.board set n = 2 where body = 'hello'");
    await live.db.query("delete from public.board where body = 'hello'");
    const [inserted, updated, deleted] = await told.takeMany(3);
    expect(inserted?.new).toMatchObject({ body: "hello", n: 1 });
    expect([updated?.old, updated?.new]).toMatchObject([{ n: 1 }, { n: 2 }]);
    expect(deleted?.old).toMatchObject({ body: "hello", n: 2 });
  });
});

describe("filters", () => {
  const rows = [
    { body: "one", n: 1 },
    { body: "two, three", n: 2 },
    { body: "Three", n: 3 },
    { body: "none", n: null },
  ];
  it.each<[string, string[]]>([
    ["n=eq.2", ["two, three"]],
    ["n=neq.2", ["one", "Three"]],
    ["n=lt.2", ["one"]],
    ["n=lte.2", ["one", "two, three"]],
    ["n=gt.2", ["Three"]],
    ["n=gte.2", ["two, three", "Three"]],
    ["n=in.(1,3)", ["one", "Three"]],
    ["n=not.in.(1,3)", ["two, three"]],
    ["n=is.null", ["none"]],
    ["n=not.is.null", ["one", "two, three", "Three"]],
    ["n=isdistinct.1", ["two, three", "Three", "none"]],
    ["n=not.isdistinct.1", ["one"]],
    ["body=like.t%", ["two, three"]],
    ["body=ilike.t%", ["two, three", "Three"]],
    ["body=not.ilike.t%", ["one", "none"]],
    ["body=match.^[a-z]+$", ["one", "none"]],
    ["body=imatch.^THREE$", ["Three"]],
    ['body=eq."two, three"', ["two, three"]],
    ['body=in.("two, three",one)', ["one", "two, three"]],
    ["n=gte.1,n=lt.3,body=like.%o%", ["one", "two, three"]],
    ["", ["one", "two, three", "Three", "none"]],
  ])("%s", async (filter, wanted) => {
    // The end is told on the same connection, behind all that was to come before it.
    const end = { table: "board", event: "INSERT", filter: "body=eq.end" } as const;
    const { told, channel } = await listen({}, { table: "board", event: "INSERT", filter }, end);
    for (const { body, n } of rows) {
      await live.db.query("insert into public.board (body, n) values ($1, $2)", [body, n]);
    }
    await live.db.query("insert into public.board (body, n) values ('end', 999)");
    const bodies: string[] = [];
    while (bodies.at(-1) !== "end") bodies.push(((await told.take()).new as { body: string }).body);
    expect(bodies.filter((body) => body !== "end")).toEqual(wanted);
    await channel.unsubscribe();
  });

  it("only the columns that were selected, and the key", async () => {
    const { told } = await listen({}, { table: "board", event: "INSERT", select: ["n"] });
    await live.db.query("insert into public.board (body, n) values ('selected', 7)");
    expect(Object.keys((await told.take()).new)).toEqual(["id", "n"]);
  });
});

describe("what cannot be subscribed to is said, and leaves the channel open", () => {
  it.each<[string, Wanted, RegExp]>([
    ["a table that is not published", { table: "unpublished" }, /check Realtime is enabled/],
    ["a column that is none", { table: "board", filter: "x=eq.1" }, /invalid column for filter x/],
    [
      "a column that may not be read",
      { table: "notes", filter: "secret=eq.1" },
      /invalid column for filter secret/,
    ],
    ["a value of another type", { table: "board", filter: "n=eq.x" }, /22P02/],
    [
      "an operator that is none",
      { table: "board", filter: "n=foo.1" },
      /Error parsing `filter` params: \["foo", "1"\]/,
    ],
    ["an operator that does not suit", { table: "board", filter: "n=like.1" }, /42883/],
    ["is true on a number", { table: "board", filter: "n=is.true" }, /requires a boolean column/],
    ["a pattern that is none", { table: "board", filter: "body=match.(" }, /2201B/],
    ["columns of every table", { table: "*", select: ["n"] }, /not supported for wildcard/],
  ])("%s", async (_, wanted, reason) => {
    const channel = (await live.client({ as: ada })).channel(`refused-${++count}`);
    const system = new Inbox<{ status: string; message: string }>();
    channel.on("postgres_changes", { event: "*", schema: "public", ...wanted } as never, () => {});
    channel.on("system", {}, system.put);
    await joined(channel);
    const { status, message } = await system.take();
    expect([status, message]).toEqual(["error", expect.stringMatching(reason)]);
    expect(channel.state).toBe("joined");
  });
});

it("a change is told once it can be read, each once and in order", async () => {
  const { told } = await listen({ as: ada }, { table: "notes", event: "INSERT" });
  const bodies = Array.from({ length: 200 }, (_, at) => `ordered ${at}`);
  for (const body of bodies) await insertNote(ada, body);
  const seen = await within(told.takeMany(bodies.length), "200 changes");
  expect(seen.map((change) => (change.new as { body: string }).body)).toEqual(bodies);
});
