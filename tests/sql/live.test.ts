/** Numbers of events, whatever happens at once, and what the feed reads to tell them. */
import { randomInt, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./support/database.ts";
import { createPeople, type Person, queryAs, refusalOf } from "./support/people.ts";
import { planOf } from "./support/plan.ts";

const writers = 8;
const actsPerWriter = 25;
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));

let database: Database;
let clients: pg.Client[];
let ada: Person;
let ben: Person;

beforeAll(async () => {
  database = await openDatabase();
  ({ ada, ben } = await createPeople(database.admin, "ada", "ben"));
  clients = Array.from({ length: writers }, () => new pg.Client(database.url("authenticator")));
  await Promise.all(clients.map((client) => client.connect()));
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await database.close();
});

interface Told {
  n: number;
  table: string;
  op: string;
  row: { id: string; title?: string } | null;
}

/** The numbers of what was told on a person's topics. */
async function toldTo({ id }: Person): Promise<number[]> {
  const { rows } = await database.admin.query<{ n: number }>(
    `select (payload ->> 'n')::integer as n from realtime.messages
     where topic like 'user:' || $1 || ':%' and payload ? 'table' order by 1`,
    [id],
  );
  return rows.map(({ n }) => n);
}

async function headOf({ id }: Person): Promise<number> {
  const { rows } = await database.admin.query<{ last_n: string }>(
    "select last_n from private.user_topics where user_id = $1",
    [id],
  );
  return Number(rows[0]?.last_n);
}

/** A small generator that a seed repeats (mulberry32). */
function random(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const goal = randomUUID();
const known = Array.from({ length: 10 }, () => randomUUID());

/** One request of a writer: makes, edits, deletes, undoes, or makes a goal with its tasks. */
function act(next: () => number): [sql: string, values: unknown[]] {
  const pick = () => known[Math.floor(next() * known.length)];
  const acts: [string, unknown[]][] = [
    ["insert into public.tasks (goal_id, title) values ($1, 'new')", [goal]],
    [
      "update public.tasks set status = case status when 'done' then 'todo' else 'done' end::public.task_status where id = $1",
      [pick()],
    ],
    ["insert into public.tasks (title) select 'new' from generate_series(1, 60)", []],
    ["update public.tasks set title = $1 where id = $2", [`title ${Math.floor(next() * 1e6)}`, pick()]],
    [
      "update public.tasks set deleted_at = case when deleted_at is null then now() end where id = $1",
      [pick()],
    ],
    [
      "select public.goal_create($1, $2)",
      [{ title: randomUUID() }, JSON.stringify([{ title: "a" }, { title: "b" }])],
    ],
    ["insert into public.tasks (title) values (' untrimmed ')", []],
  ];
  return acts[Math.floor(next() * acts.length)] as [string, unknown[]];
}

describe("at once", () => {
  it(`${writers} devices writing at random get numbers without gaps, and none waits for ever (SEED=${seed})`, async () => {
    await queryAs(database.admin, ada, "insert into public.goals (id, title) values ($1, 'goal')", [goal]);
    await queryAs(
      database.admin,
      ada,
      "insert into public.tasks (id, goal_id, title) select id, $2, 'known' from unnest($1::uuid[]) id",
      [known, goal],
    );
    const work = clients.map(async (client, index) => {
      const next = random(seed + index);
      const refusals: string[] = [];
      for (let n = 0; n < actsPerWriter; n++) {
        const [sql, values] = act(next);
        refusals.push(await refusalOf(queryAs(client, ada, sql, values)));
      }
      return refusals;
    });
    const refusals = new Set((await Promise.all(work)).flat());
    // Nothing but what was to be refused: no deadlock, no time-out.
    expect([...refusals].filter((refusal) => !["", "23514 plain_line_one_line"].includes(refusal))).toEqual(
      [],
    );
    expect(await toldTo(ada)).toEqual(Array.from({ length: await headOf(ada) }, (_, at) => at + 1));
    const { rows } = await database.admin.query("select count(*)::integer as n from private.changes");
    expect(rows).toEqual([{ n: 0 }]);
  });

  it("who follows the numbers ends with what the table holds", async () => {
    const seen = new Map<string, string>();
    let from = 0;
    for (;;) {
      const [page] = await queryAs<{ told: { n: number; events: Told[] } }>(
        clients[0] as pg.Client,
        ada,
        "select public.feed_since($1, 50) as told",
        [from],
      );
      for (const { n, table, op, row } of page?.told.events ?? []) {
        expect(n).toBe(++from);
        if (table !== "tasks" || op === "many") continue;
        if (op === "delete") seen.delete(row?.id ?? "");
        else seen.set(row?.id ?? "", row?.title ?? "");
      }
      if (from >= (page?.told.n ?? 0)) break;
    }
    const { rows } = await database.admin.query<{ id: string; title: string }>(
      "select id, title from public.tasks where id = any ($1::uuid[])",
      [[...seen.keys()]],
    );
    expect(new Map(rows.map(({ id, title }) => [id, title]))).toEqual(seen);
    for (const id of known) expect(seen.has(id)).toBe(true);
  });

  it("a number is visible only when all smaller ones are", async () => {
    const reader = clients[0] as pg.Client;
    const writing = clients
      .slice(1)
      .map((client) =>
        repeat(20, () => queryAs(client, ben, "insert into public.tasks (title) values ('x')")),
      );
    let done = false;
    const finished = Promise.all(writing).finally(() => (done = true));
    while (!done) {
      const [page] = await queryAs<{ told: { n: number; events: Told[] } }>(
        reader,
        ben,
        "select public.feed_since(0, 200) as told",
      );
      const numbers = page?.told.events.map(({ n }) => n) ?? [];
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    }
    await finished;
  });

  it("two services that touch the rows of both, in opposite orders, do not wait for each other for ever", async () => {
    const people = [ada, ben];
    const outcomes = await Promise.all(
      [0, 1].map((index) =>
        repeat(15, async () => {
          const service = new pg.Client(database.url("postgres"));
          await service.connect();
          const order = index ? people : [...people].reverse();
          try {
            await service.query("begin");
            for (const { id } of order) {
              await service.query(
                "insert into public.activities (user_id, kind, entity, entity_id) values ($1, 'goal.created', 'goal', gen_random_uuid())",
                [id],
              );
            }
            return await refusalOf(service.query("commit"));
          } finally {
            await service.end();
          }
        }),
      ),
    );
    expect(new Set(outcomes.flat())).toEqual(new Set([""]));
  });
});

describe("the feed", () => {
  it("is read by its key, and no more of it than is asked for", async () => {
    await database.admin.query("analyze private.user_feed");
    const plan = await planOf(clients[0] as pg.Client, ada, "select public.feed_since(0, 50)");
    // 50 events, each with the row that it names.
    expect(plan.buffers, plan.text).toBeLessThan(500);
    const { rows } = await database.admin.query<{ "QUERY PLAN": string }>(
      `explain select * from private.user_feed where user_id = '${ada.id}' and n > 5 order by n limit 50`,
    );
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("user_feed_pkey");
  });

  it("is forgotten by its index", async () => {
    const { rows } = await database.admin.query<{ "QUERY PLAN": string }>(
      "explain select ctid from private.user_feed where at < now() - interval '7 days' order by at limit 20000",
    );
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("user_feed_at_idx");
  });

  it("notes are found by index, also where the table looks empty", async () => {
    await database.admin.query("vacuum analyze private.changes");
    const watcher = new pg.Client(database.url("supabase_admin"));
    const plans: string[] = [];
    watcher.on("notice", ({ message = "" }) => plans.push(message));
    await watcher.connect();
    try {
      await watcher.query(`load 'auto_explain'; set auto_explain.log_min_duration = 0;
        set auto_explain.log_nested_statements = on; set auto_explain.log_level = notice`);
      await queryAs(watcher, ada, "insert into public.tasks (title) values ('x')");
    } finally {
      await watcher.end();
    }
    expect(plans.join("\n")).toContain("Index Scan using changes_pkey");
    expect(plans.join("\n")).not.toContain("Seq Scan on changes");
  });
});

async function repeat<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let n = 0; n < times; n++) results.push(await work());
  return results;
}
