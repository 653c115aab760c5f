/** Queues and schedules with several at them at once, and with much in them. */
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./support/database.ts";
import { createPeople, type Person } from "./support/people.ts";

let database: Database;
let ada: Person;
let one: pg.Client;
let other: pg.Client;

beforeAll(async () => {
  database = await openDatabase();
  ({ ada } = await createPeople(database.admin, "ada"));
  [one, other] = [await connect(), await connect()];
  await one.query(`
    create table private.marks (job uuid not null);
    create function private.job_mark(job uuid, data jsonb) returns void language sql set search_path = '' as $$
      insert into private.marks values ($1)
    $$;
  `);
});
afterAll(async () => {
  await Promise.all([one?.end(), other?.end()]);
  await database?.close();
});
afterEach(() => Promise.all([one.query("rollback"), other.query("rollback")]));

async function connect(): Promise<pg.Client> {
  const client = new pg.Client(database.url("postgres"));
  await client.connect();
  return client;
}

async function value<T>(client: pg.Client, sql: string, values: unknown[] = []): Promise<T> {
  const { rows } = await client.query<{ value: T }>(`select (${sql}) as value`, values);
  return rows[0]?.value as T;
}

describe("two at once", () => {
  beforeEach(() => one.query("truncate private.marks, pgmq.q_jobs"));

  it("claim different jobs", async () => {
    await one.query("select private.enqueue('jobs', 'mark') from generate_series(1, 10)");
    const claim = "select array_agg(id::text) from private.claim_jobs('jobs', 6, 60)";
    await one.query("begin");
    const first = await value<string[]>(one, claim);
    const second = await value<string[]>(other, claim);
    await one.query("commit");
    expect([first.length, second.length]).toEqual([6, 4]);
    expect(new Set([...first, ...second]).size).toBe(10);
  });

  it("do one job: the second waits and finds it done", async () => {
    const job = crypto.randomUUID();
    const perform = "private.perform_job($1, 'mark', '{}')";
    await one.query("begin");
    expect(await value(one, perform, [job])).toBe(true);
    const second = value(other, perform, [job]);
    await one.query("commit");
    expect(await second).toBe(false);
    expect(await value(one, "select count(*)::integer from private.marks")).toBe(1);
  });

  it("do one job: where the first comes to nothing, the second does it", async () => {
    const job = crypto.randomUUID();
    const perform = "private.perform_job($1, 'mark', '{}')";
    await one.query("begin");
    expect(await value(one, perform, [job])).toBe(true);
    const second = value(other, perform, [job]);
    await one.query("rollback");
    expect(await second).toBe(true);
    expect(await value(one, "select count(*)::integer from private.marks")).toBe(1);
  });

  it("see to one moment of a schedule: the second leaves it to the first", async () => {
    await one.query(`insert into private.schedules (name, cron, sql, about)
      values ('race', '* * * * *', 'insert into private.marks values (gen_random_uuid())', 'test')`);
    const run = "private.run_schedule('race', '2026-11-20 06:40Z')";
    await one.query("begin");
    expect(await value(one, run)).toBe(true);
    expect(await value(other, run)).toBe(false);
    await one.query("commit");
    expect(await value(other, run)).toBe(false);
    expect(await value(one, "select count(*)::integer from private.marks")).toBe(1);
  });

  it("see to one moment of a schedule: where the first is killed, it is due again", async () => {
    const run = "private.run_schedule('race', '2026-11-20 06:41Z')";
    await one.query("begin");
    expect(await value(one, run)).toBe(true);
    await one.query("rollback");
    expect(await value(other, run)).toBe(true);
  });

  it("send one mail: what one of them has sent is sent, whatever comes of it in the other's hands", async () => {
    for (const final of [false, true]) {
      const mail = await value<string>(one, `private.send_mail($1, 'task_reminder', '{"title": "x"}')`, [
        ada.id,
      ]);
      for (const worker of [one, other]) await worker.query("select private.begin_mail($1)", [mail]);
      const fail = "select private.fail_job('mail', 0, $1, 'mail', '{}', 'SMTP 451', $2)";
      await one.query(fail, [mail, final]);
      expect(await value(other, "private.mail_sent($1, 'provider')", [mail])).toBe(true);
      await one.query(fail, [mail, final]);
      const { rows } = await one.query("select state, data from private.mails where id = $1", [mail]);
      expect(rows).toEqual([{ state: "sent", data: {} }]);
    }
  });

  it("make jobs of the reminders that are due: each reminder is one job", async () => {
    await one.query(
      "insert into public.tasks (owner_id, title, remind_at) select $1, 'task ' || n, now() from generate_series(1, 20) n",
      [ada.id],
    );
    await one.query("begin");
    const first = await value<number>(one, "private.remind(12)");
    const second = await value<number>(other, "private.remind(12)");
    await one.query("commit");
    expect([first, second]).toEqual([12, 8]);
    expect(await value(one, "select count(*)::integer from pgmq.q_jobs")).toBe(20);
  });
});

describe("with much in them", () => {
  beforeAll(async () => {
    await database.admin.query(`
      set session_replication_role = replica;
      insert into public.tasks (owner_id, title, deleted_at)
        select '${ada.id}', 'task ' || n, case when n % 20 = 0 then now() - n * interval '1 minute' end
        from generate_series(1, 60000) n;
      insert into private.reminders (task_id, remind_at)
        select id, now() + row_number() over () * interval '1 minute' from public.tasks on conflict do nothing;
      insert into private.effects (job_id, kind, done_at)
        select gen_random_uuid(), 'x', now() - n * interval '1 second' from generate_series(1, 60000) n;
      insert into private.mails (user_id, template, locale, state, created_at)
        select '${ada.id}', 'task_reminder', 'en', 'sent', now() - n * interval '1 second' from generate_series(1, 60000) n;
      set session_replication_role = origin;
      select pgmq.send('jobs', '{}'::jsonb, 3600) from generate_series(1, 60000);
    `);
    await database.admin.query(
      "vacuum analyze public.tasks, private.reminders, private.effects, private.mails, pgmq.q_jobs",
    );
  });

  /** What is asked by the clock, and what it must be answered from. */
  const asked: [what: string, sql: string, index: string][] = [
    ["whether work is due", "select min(vt) from pgmq.q_jobs", "q_jobs_vt_idx"],
    [
      "the reminders that are due",
      "select task_id from private.reminders where remind_at <= now() order by remind_at limit 1000",
      "reminders_due_idx",
    ],
    [
      "tasks that leave the trash",
      "select id from public.tasks where deleted_at < now() - private.keep('trash') order by deleted_at limit 20000",
      "tasks_deleted_idx",
    ],
    [
      "effects to forget",
      "select job_id from private.effects where done_at < now() - private.keep('effects') order by done_at limit 20000",
      "effects_done_idx",
    ],
    [
      "mails to forget",
      "select id from private.mails where created_at < now() - private.keep('mails') order by created_at limit 20000",
      "mails_created_idx",
    ],
  ];

  it.each(asked)("%s is answered by an index", async (_what, sql, index) => {
    const { rows } = await database.admin.query<{ "QUERY PLAN": string }>(`explain ${sql}`);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain(index);
    expect(plan).not.toContain("Seq Scan");
  });
});
