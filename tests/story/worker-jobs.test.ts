/** Jobs on the stack: queued with their cause, done once, tried again, given up; and who may have them done. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Credentials,
  makeCredentials,
  type Secrets,
} from "../../functions/_shared/testing/credentials.ts";
import { differences, hear, requestOf } from "../../functions/_shared/testing/scenario.ts";
import { scenarios } from "../../functions/worker/scenarios.ts";
import { as, createPeople, type Person, promote } from "../support/people.ts";
import type { TestStack } from "../support/stack.ts";
import { nothing, onlyMail, openQuietStack, value, work } from "./worker-kit.ts";

let stack: TestStack;
let root: Person;
let credentials: Credentials;

beforeAll(async () => {
  stack = await openQuietStack();
  ({ root } = await createPeople(stack, "root"));
  await promote(stack, root);
  const keys = JSON.parse(await readFile(path.join(stack.data, "keys.json"), "utf8")) as Omit<
    Secrets,
    "issuer"
  >;
  credentials = await makeCredentials({ ...keys, issuer: `${stack.env.API_URL}/auth/v1` }, root);
  // A kind as a migration would add it: each run leaves a row, so that a second run would show.
  await stack.db.query(`
    create table private.marks (job uuid not null, n integer);
    create function private.job_mark(job uuid, data jsonb) returns void language plpgsql set search_path = '' as $$
    begin
      insert into private.marks values (job, (data ->> 'n')::integer);
      if (data ->> 'poison')::boolean then raise division_by_zero; end if;
    end $$;
  `);
});
afterAll(() => stack?.close());
beforeEach(() =>
  stack.db.query("truncate private.marks; delete from pgmq.q_jobs; delete from private.dead_letters"),
);

const enqueue = (data: object, key: string | null = null) =>
  value<string>(stack, "select private.enqueue('jobs', 'mark', $1, 0, $2)", [JSON.stringify(data), key]);
const enqueueMany = (count: number) =>
  stack.db.query(
    "select private.enqueue('jobs', 'mark', jsonb_build_object('n', n)) from generate_series(1, $1) n",
    [count],
  );
const marks = () => value<number>(stack, "select count(*)::integer from private.marks");
const queued = () => value<number>(stack, "select count(*)::integer from pgmq.q_jobs");
/** Makes what waits for another attempt due. */
const passTime = () => stack.db.query("update pgmq.q_jobs set vt = now()");

describe("the worker's door", () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
    const request = requestOf(scenario, `${stack.env.FUNCTIONS_URL}/worker`, credentials[scenario.who]);
    expect(differences(scenario, await hear(await fetch(request)))).toEqual([]);
  });

  it("does not open to an administrator's token either, and what is queued stays", async () => {
    await enqueue({ n: 1 });
    const answer = await fetch(`${stack.env.FUNCTIONS_URL}/worker`, {
      method: "POST",
      headers: { ...as(stack, root), "content-type": "application/json" },
      body: "{}",
    });
    expect(answer.status).toBe(403);
    expect([await queued(), await marks()]).toEqual([1, 0]);
    expect((await work(stack)).jobs).toEqual({ ...nothing, done: 1 });
  });
});

describe("a job", () => {
  it("of a transaction that was rolled back was never there", async () => {
    await stack.db.query("begin");
    await enqueue({ n: 1 }, "rolled back");
    await stack.db.query("rollback");
    expect((await work(stack)).jobs).toEqual(nothing);
    expect([await marks(), await value(stack, "select count(*)::integer from private.job_keys")]).toEqual([
      0, 0,
    ]);
  });

  it("of one dedupe key is one, also when its causes come at once", async () => {
    const other = new pg.Client(stack.env.DB_URL);
    await other.connect();
    try {
      await stack.db.query("begin");
      const first = await enqueue({ n: 1 }, "same");
      const waiting = other.query<{ id: string }>(
        "select private.enqueue('jobs', 'mark', '{}', 0, 'same') as id",
      );
      await stack.db.query("commit");
      expect((await waiting).rows[0]?.id).toBe(first);
      expect((await work(stack)).jobs).toEqual({ ...nothing, done: 1 });
      expect(await enqueue({ n: 1 }, "same")).toBe(first);
      expect((await work(stack)).jobs).toEqual(nothing);
    } finally {
      await other.end();
    }
  });

  it("that comes twice, as after a crash before it was taken off, has its effect once", async () => {
    const id = await enqueue({ n: 1 });
    await work(stack);
    await stack.db.query(`select private.push_job('jobs', $1, 'mark', '{"n": 1}')`, [id]);
    expect((await work(stack)).jobs).toEqual({ ...nothing, repeated: 1 });
    expect([await marks(), await queued()]).toEqual([1, 0]);
  });

  it("given to two workers at once has its effect once", async () => {
    await enqueueMany(40);
    const done = await Promise.all([1, 2, 3].map(() => work(stack, { quantity: 7 })));
    expect(done.map(({ jobs }) => jobs.done).reduce((a, b) => a + b)).toBe(40);
    expect([await marks(), await queued()]).toEqual([40, 0]);
  });

  it("that is poisoned waits longer each time and ends among the dead letters, while the rest is done", async () => {
    const id = await enqueue({ n: 0, poison: true });
    await enqueueMany(20);
    expect((await work(stack)).jobs).toEqual({ ...nothing, done: 20, failed: 1 });
    expect((await work(stack)).jobs).toEqual(nothing);
    const waits: number[] = [];
    for (let attempt = 2; attempt <= 12; attempt++) {
      waits.push(
        await value(stack, "select extract(epoch from max(vt) - clock_timestamp())::float8 from pgmq.q_jobs"),
      );
      await passTime();
      const ended = attempt === 12 ? { dead: 1 } : { failed: 1 };
      expect((await work(stack)).jobs).toEqual({ ...nothing, ...ended });
    }
    // Ten seconds, then twice as long each time and an hour at most, each cut by half at most.
    for (const [at, wait] of waits.entries()) {
      const whole = Math.min(10 * 2 ** at, 3600);
      expect(wait).toBeGreaterThan(whole / 2 - 10);
      expect(wait).toBeLessThanOrEqual(whole + 1);
    }
    expect([await marks(), await queued()]).toEqual([20, 0]);
    const { rows } = await stack.db.query("select job_id, kind, reason, attempts from private.dead_letters");
    expect(rows).toEqual([{ job_id: id, kind: "mark", reason: "SQL 22012", attempts: 12 }]);
  });

  it("from the dead letters is done after its cause was put right", async () => {
    await stack.db.query(
      `update private.settings set value = value || '{"attempts": 1}' where name = 'queues'`,
    );
    const id = await enqueue({ n: 7, poison: true });
    expect((await work(stack)).jobs.dead).toBe(1);
    await stack.db.query(`update private.dead_letters set data = '{"n": 7}'`);
    expect(await value(stack, "select private.requeue_dead_letter(id) from private.dead_letters")).toBe(id);
    expect((await work(stack)).jobs).toEqual({ ...nothing, done: 1 });
    expect(await marks()).toBe(1);
    await stack.db.query(
      `update private.settings set value = value || '{"attempts": 12}' where name = 'queues'`,
    );
  });
});

it("a mail that its server refuses for good is given up with the code, and goes when that is put right", async () => {
  await stack.db.query("select private.send_mail($1, 'account_restored')", [root.id]);
  await stack.db.query("update auth.users set email = 'nowhere' where id = $1", [root.id]);
  expect((await work(stack)).mail).toEqual({ ...nothing, dead: 1 });
  const { rows } = await stack.db.query(
    "select state, last_error = (select reason from private.dead_letters) as same, last_error, sent_at from private.mails",
  );
  const refused = { state: "failed", last_error: expect.stringMatching(/^SMTP 5\d\d$/), sent_at: null };
  expect(rows).toEqual([{ ...refused, same: true }]);
  await stack.db.query("update auth.users set email = $2 where id = $1", [root.id, root.email]);
  await stack.db.query("select private.requeue_dead_letter(id) from private.dead_letters");
  expect((await work(stack)).mail).toEqual({ ...nothing, done: 1 });
  expect((await onlyMail(stack, root)).Subject).toBe("Your TrackIt account is restored");
});
