/** Rules that must hold when many requests arrive at once. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./support/database.ts";
import { createPeople, type Person, queryAs, refusalOf } from "./support/people.ts";

const parallel = 20;

let database: Database;
let clients: pg.Client[];
let ada: Person;

beforeAll(async () => {
  database = await openDatabase();
  ({ ada } = await createPeople(database.admin, "ada"));
  clients = Array.from({ length: parallel }, () => new pg.Client(database.url("authenticator")));
  await Promise.all(clients.map((client) => client.connect()));
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await database.close();
});

/** The same statement from every connection at once; the refusals, "" for those that went through. */
function everyone(sql: string, values: (index: number) => unknown[]): Promise<string[]> {
  return Promise.all(clients.map((client, index) => refusalOf(queryAs(client, ada, sql, values(index)))));
}

const count = (outcomes: string[], outcome: string) => outcomes.filter((one) => one === outcome).length;

async function one<Row extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<Row> {
  const { rows } = await database.admin.query<Row>(sql, values);
  const [row] = rows;
  if (!row) throw new Error(`no row: ${sql}`);
  return row;
}

/** Resolves when so many requests wait for a lock, or `work` has ended without. */
async function blocked(many = 1, work?: Promise<unknown>): Promise<void> {
  let ended = false;
  work?.finally(() => {
    ended = true;
  });
  const waiting = "select count(*)::integer as n from pg_stat_activity where wait_event_type = 'Lock'";
  const limit = Date.now() + 60_000;
  while ((await one<{ n: number }>(waiting, [])).n < many && !ended) {
    // Within a transaction the view shows what it showed first.
    await database.admin.query("select pg_stat_clear_snapshot()");
    if (Date.now() > limit) throw new Error("nobody waits for a lock");
  }
}

describe("at once", () => {
  it("20 goals with room for 7 make exactly 7, and LIMIT_GOALS for the others", async () => {
    await database.admin.query("insert into public.limits (user_id, kind, max) values ($1, 'goals', 7)", [
      ada.id,
    ]);
    const outcomes = await everyone("insert into public.goals (title) values ($1)", (index) => [
      `goal ${index}`,
    ]);
    expect(count(outcomes, "")).toBe(7);
    expect(count(outcomes, "TK201 LIMIT_GOALS")).toBe(parallel - 7);
    const stored = await one<{ n: string }>("select count(*) as n from public.goals where owner_id = $1", [
      ada.id,
    ]);
    expect(Number(stored.n)).toBe(7);
    await database.admin.query("delete from public.limits where user_id = $1", [ada.id]);
  });

  it("20 goals of one title make one, and a conflict that names the title for the others", async () => {
    const outcomes = await everyone("insert into public.goals (title) values ($1)", (index) => [
      index % 2 ? "The same" : "the SAME",
    ]);
    const taken =
      count(outcomes, "TK301 CONFLICT_TITLE_TAKEN") + count(outcomes, "23505 goals_owner_title_open_key");
    expect([count(outcomes, ""), taken]).toEqual([1, parallel - 1]);
  });

  it("20 creates with one id store it once, and none is refused", async () => {
    const sql = "insert into public.goals (id, title) values ($1, $2) on conflict (id) do nothing";
    // Often: two that look at the very same moment are rare.
    for (let round = 0; round < 20; round++) {
      const id = randomUUID();
      const outcomes = await everyone(sql, () => [id, `Once ${round}`]);
      expect(outcomes).toEqual(Array(parallel).fill(""));
      await database.admin.query("delete from public.goals where id = $1", [id]);
    }
  });

  it("20 repetitions of goal_create store one goal with its two tasks", async () => {
    const goal = { id: randomUUID(), title: "Together" };
    const outcomes = await everyone("select public.goal_create($1, $2)", () => [
      goal,
      JSON.stringify([{ title: "a" }, { title: "b" }]),
    ]);
    expect(outcomes).toEqual(Array(parallel).fill(""));
    const stored = await one<{ tasks_total: number }>("select tasks_total from public.goals where id = $1", [
      goal.id,
    ]);
    expect(stored.tasks_total).toBe(2);
  });

  it("two tasks moved below each other make no circle", async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    await queryAs(database.admin, ada, "insert into public.tasks (id, title) values ($1, 'a'), ($2, 'b')", [
      first,
      second,
    ]);
    const outcomes = await everyone("update public.tasks set parent_id = $1 where id = $2", (index) =>
      index % 2 ? [first, second] : [second, first],
    );
    const { rows } = await database.admin.query<{ parent_id: string | null }>(
      "select parent_id from public.tasks where id in ($1, $2)",
      [first, second],
    );
    expect(rows.filter((row) => row.parent_id !== null)).toHaveLength(1);
    expect(count(outcomes, "") + count(outcomes, "TK403 USAGE_CYCLE")).toBe(parallel);
    expect(count(outcomes, "TK403 USAGE_CYCLE")).toBe(parallel / 2);
  });

  it("20 tasks of one goal, made and then changed at once, leave its progress exact", async () => {
    const goal = randomUUID();
    await queryAs(database.admin, ada, "insert into public.goals (id, title) values ($1, 'Exact')", [goal]);
    const tasks = clients.map(() => randomUUID());
    const made = await everyone(
      "insert into public.tasks (id, goal_id, title) values ($1, $2, 'x')",
      (index) => [tasks[index], goal],
    );
    const statuses = ["done", "cancelled", "doing", "done"];
    const changed = await everyone("update public.tasks set status = $1 where id = $2", (index) => [
      statuses[index % 4],
      tasks[index],
    ]);
    expect([...made, ...changed]).toEqual(Array(2 * parallel).fill(""));
    const stored = await one("select tasks_total, tasks_done, progress from public.goals where id = $1", [
      goal,
    ]);
    expect(stored).toEqual({ tasks_total: 15, tasks_done: 10, progress: expect.closeTo(2 / 3, 6) });
  });

  it("a task made in a goal that is being deleted is refused, not left behind", async () => {
    const [goal, parent] = [randomUUID(), randomUUID()];
    const [device] = clients;
    if (!device) throw new Error("no connection");
    await queryAs(database.admin, ada, "insert into public.goals (id, title) values ($1, 'Going')", [goal]);
    await queryAs(database.admin, ada, "insert into public.tasks (id, title) values ($1, 'going')", [parent]);
    for (const [table, column, id] of [
      ["goals", "goal_id", goal],
      ["tasks", "parent_id", parent],
    ]) {
      await database.admin.query("begin");
      await database.admin.query(`update public.${table} set deleted_at = now() where id = $1`, [id]);
      const insert = refusalOf(
        queryAs(device, ada, `insert into public.tasks (title, ${column}) values ('late', $1)`, [id]),
      );
      await blocked();
      await database.admin.query("commit");
      expect(await insert).toMatch(/^TK40[12] USAGE_REFERENCE$/);
    }
  });

  it("20 edits of one version let one through", async () => {
    const id = randomUUID();
    await queryAs(database.admin, ada, "insert into public.goals (id, title) values ($1, 'Versions')", [id]);
    const written = await Promise.all(
      clients.map((client, index) =>
        queryAs(
          client,
          ada,
          "update public.goals set description = $1 where id = $2 and version = 1 returning version",
          [`edit ${index}`, id],
        ),
      ),
    );
    expect(written.flat()).toEqual([{ version: 2 }]);
  });

  it("20 accounts that confirm at once and want one username: one gets it, no confirmation fails", async () => {
    const accounts = clients.map(() => randomUUID());
    await database.admin.query(
      `insert into auth.users (id, raw_user_meta_data)
       select id, '{"username": "wanted"}'::jsonb from unnest($1::uuid[]) as id`,
      [accounts],
    );
    const servers = accounts.map(() => new pg.Client(database.url("supabase_auth_admin")));
    await Promise.all(servers.map((server) => server.connect()));
    const confirm = "update auth.users set email_confirmed_at = now() where id = $1";
    const outcomes = await Promise.all(
      servers.map((server, index) => refusalOf(server.query(confirm, [accounts[index]]))),
    );
    await Promise.all(servers.map((server) => server.end()));
    expect(outcomes).toEqual(Array(parallel).fill(""));
    const holders = await one<{ n: string }>(
      "select count(*) as n from public.profiles where username = $1",
      ["wanted"],
    );
    expect(Number(holders.n)).toBe(1);
  });

  it("20 calls against a rate of 5 admit 5", async () => {
    await database.admin.query("delete from private.rate_limits");
    const outcomes = await Promise.all(
      clients.map((client) =>
        refusalOf(
          queryAs(client, ada, "select public.username_available('zoe') from generate_series(1, 12)"),
        ),
      ),
    );
    // 60 a minute are admitted, twelve a call.
    expect([count(outcomes, ""), count(outcomes, "TK004 LIMIT_RATE")]).toEqual([5, parallel - 5]);
  });
});

describe("the nightly clean-up", () => {
  let operator: pg.Client;

  beforeAll(async () => {
    operator = new pg.Client(database.url("postgres"));
    await operator.connect();
  });
  afterAll(() => operator.end());

  /** As if it had been thrown away so many days ago, which triggers do not admit. */
  async function thrownAway(days: number, ids: string[]): Promise<void> {
    await database.admin.query("set session_replication_role = replica");
    for (const table of ["goals", "tasks"]) {
      await database.admin.query(
        `update public.${table} set deleted_at = date_trunc('day', now()) - make_interval(days => $1) where id = any ($2)`,
        [days, ids],
      );
    }
    await database.admin.query("set session_replication_role = origin");
  }

  it("leaves a goal and a task that ada restores at that moment, with all that comes back with them", async () => {
    const [holder, ...devices] = clients;
    if (!holder || !devices[0] || !devices[1]) throw new Error("three connections are wanted");
    const [goal, step, parent, child] = Array.from({ length: 4 }, () => randomUUID());
    const make = `select public.goal_create($1, $2)`;
    await queryAs(holder, ada, make, [
      { id: goal, title: "Kept" },
      JSON.stringify([{ id: step, title: "a" }]),
    ]);
    await queryAs(
      holder,
      ada,
      "insert into public.tasks (id, parent_id, title) values ($1, null, 'b'), ($2, $1, 'c')",
      [parent, child],
    );
    const all = [goal, step, parent, child] as string[];
    await thrownAway(31, all);
    await database.admin.query("begin");
    await database.admin.query("select from private.holdings where owner_id = $1 for update", [ada.id]);
    const restored = ["goals", "tasks"].map((table, at) =>
      queryAs(devices[at] as pg.Client, ada, `update public.${table} set deleted_at = null where id = $1`, [
        at ? parent : goal,
      ]),
    );
    await blocked(2);
    const swept = operator.query("select private.clean_up()");
    await blocked(3, swept);
    await database.admin.query("commit");
    await Promise.all([swept, ...restored]);
    const { rows } = await database.admin.query(
      `select id from public.goals where id = any ($1) and deleted_at is null
       union all select id from public.tasks where id = any ($1) and deleted_at is null`,
      [all],
    );
    expect(rows.map(({ id }) => id).sort()).toEqual([...all].sort());
  });

  it("takes what went with a goal or a task along with it, and what had gone before by itself", async () => {
    const [goal, with_it, before] = Array.from({ length: 3 }, () => randomUUID());
    const tasks = JSON.stringify([
      { id: with_it, title: "a" },
      { id: before, title: "b" },
    ]);
    await queryAs(clients[0] as pg.Client, ada, "select public.goal_create($1, $2)", [
      { id: goal, title: "Gone" },
      tasks,
    ]);
    await thrownAway(29, [goal, with_it] as string[]);
    await thrownAway(31, [before] as string[]);
    const left = async () => {
      await operator.query("select private.clean_up()");
      const { rows } = await database.admin.query("select id from public.tasks where goal_id = $1", [goal]);
      return rows.map(({ id }) => id);
    };
    expect(await left()).toEqual([with_it]);
    await thrownAway(31, [goal, with_it] as string[]);
    expect(await left()).toEqual([]);
  });

  it("leaves a mail that is being sent after all, and what was done by a job that comes back", async () => {
    const mail = await one<{ id: string }>(
      `insert into private.mails (user_id, template, locale, state, created_at)
       values ($1, 'task_reminder', 'en', 'failed', now() - interval '91 days') returning id`,
      [ada.id],
    );
    const job = randomUUID();
    await database.admin.query(
      "insert into private.effects (job_id, kind, done_at) values ($1, 'x', now() - interval '40 days')",
      [job],
    );
    const letter = await one<{ id: string }>(
      `insert into private.dead_letters (queue, job_id, kind, data, reason, attempts, first_failed_at, last_failed_at)
       values ('jobs', $1, 'x', '{}', 'x', 1, now(), now() - interval '200 days') returning id`,
      [job],
    );
    await database.admin.query("select private.requeue_dead_letter($1)", [letter.id]);
    await database.admin.query("begin");
    await database.admin.query("select private.begin_mail($1)", [mail.id]);
    const swept = operator.query("select private.clean_up()");
    await blocked(1, swept);
    await database.admin.query("commit");
    await swept;
    const again = await one<{ n: number }>(
      "select count(*)::integer as n from private.effects where job_id = $1",
      [job],
    );
    const kept = await one<{ n: number }>("select count(*)::integer as n from private.mails where id = $1", [
      mail.id,
    ]);
    expect([again.n, kept.n]).toEqual([1, 1]);
  });
});
