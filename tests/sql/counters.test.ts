/** Whatever several devices do at once, what the database counts is what is there. */
import { randomInt, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase } from "./support/database.ts";
import { createPeople, type Person, queryAs, refusalOf } from "./support/people.ts";

const devices = 6;
const actsPerDevice = 40;
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));

let database: Database;
let ada: Person;
beforeAll(async () => {
  database = await openDatabase();
  ({ ada } = await createPeople(database.admin, "ada"));
});
afterAll(() => database.close());

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

const goals = Array.from({ length: 3 }, () => randomUUID());
const tasks = Array.from({ length: 12 }, () => randomUUID());
const statuses = ["todo", "doing", "done", "cancelled"];

/** One act of somebody: a statement and its values. */
function act(next: () => number): [string, unknown[]] {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(next() * items.length)] as Item;
  const acts: [string, unknown[]][] = [
    ["update public.tasks set status = $1 where id = $2", [pick(statuses), pick(tasks)]],
    [
      "update public.tasks set goal_id = $1, parent_id = null where id = $2",
      [pick([...goals, null]), pick(tasks)],
    ],
    ["update public.tasks set parent_id = $1 where id = $2", [pick(tasks), pick(tasks)]],
    ["update public.tasks set deleted_at = $1 where id = $2", [pick([null, "now"]), pick(tasks)]],
    ["update public.goals set deleted_at = $1 where id = $2", [pick([null, null, "now"]), pick(goals)]],
    ["insert into public.tasks (goal_id, title) values ($1, 'new')", [pick(goals)]],
    ["insert into public.tasks (parent_id, title) values ($1, 'new')", [pick(tasks)]],
  ];
  return pick(acts);
}

it(`${devices} devices acting at random leave every counter true (SEED=${seed})`, async () => {
  for (const [index, id] of goals.entries())
    await queryAs(database.admin, ada, "insert into public.goals (id, title) values ($1, $2)", [
      id,
      `goal ${index}`,
    ]);
  await queryAs(
    database.admin,
    ada,
    "insert into public.tasks (id, goal_id, title) select unnest($1::uuid[]), $2, 'task'",
    [tasks, goals[0]],
  );
  const refusals = await Promise.all(Array.from({ length: devices }, (_, index) => runDevice(seed + index)));

  // A refusal is one of ours, or a deadlock that Postgres has ended and a client repeats.
  expect([...new Set(refusals.flat())].filter((code) => !/^(|TK40[1-4] \w+|40P01)$/.test(code))).toEqual([]);
  const { rows } = await database.admin.query(
    `select g.id from public.goals g cross join lateral (
       select count(*) as total, count(*) filter (where t.status = 'done') as done from public.tasks t
       where t.goal_id = g.id and t.deleted_at is null and t.status <> 'cancelled') there
     where (g.tasks_total, g.tasks_done) <> (there.total, there.done)
     union all
     select t.id from public.tasks t join public.tasks p on p.id = t.parent_id
     where t.goal_id is distinct from p.goal_id or (p.deleted_at is not null and t.deleted_at is null)
     union all
     select t.id from public.tasks t join public.goals g on g.id = t.goal_id
     where g.deleted_at is not null and t.deleted_at is null
     union all
     select h.owner_id from private.holdings h
     where h.held <> case h.kind
       when 'goals' then (select count(*) from public.goals where owner_id = h.owner_id and deleted_at is null)
       else (select count(*) from public.tasks where owner_id = h.owner_id and deleted_at is null) end`,
  );
  expect(rows).toEqual([]);
});

async function runDevice(start: number): Promise<string[]> {
  const client = new pg.Client(database.url("authenticator"));
  await client.connect();
  const next = random(start);
  const refusals: string[] = [];
  for (let n = 0; n < actsPerDevice; n++) refusals.push(await refusalOf(queryAs(client, ada, ...act(next))));
  await client.end();
  return refusals;
}
