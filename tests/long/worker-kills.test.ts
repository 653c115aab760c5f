/**
 * Jobs under fire: the worker's process and Postgres are killed at random moments, also in the middle of an effect and
 * between an effect and the note that its job is over. Nothing that was committed is lost, nothing is done twice.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { afterAll, expect, it } from "vitest";
import {
  cleanUp,
  isAlive,
  killFound,
  makeFolder,
  postmaster,
  startUp,
  type Up,
  waitFor,
} from "../story/stack-kit.ts";
import { root } from "../support/stack.ts";

afterAll(cleanUp);

/** 10 and 500 in CI; by command TRACKIT_KILLS=100 TRACKIT_JOBS=5000 npm run test:long */
const kills = Number(process.env.TRACKIT_KILLS ?? 10);
const jobs = Number(process.env.TRACKIT_JOBS ?? 500);
const mails = 20;
const poisoned = 3;
const seed = Number(process.env.TRACKIT_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers from 0 up to 1, the same for the same seed. @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function random(state: number): () => number {
  let a = state;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A connection that is made anew after each of the server's deaths. */
function connection({ env }: Up) {
  let client: pg.Client | null = null;
  const drop = () => {
    const old = client;
    client = null;
    old?.end().catch(() => {});
  };
  return {
    async rows<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
      if (!client) {
        const made = new pg.Client(env.DB_URL);
        made.on("error", drop);
        await made.connect();
        client = made;
      }
      return client.query<Row>(sql).then(
        ({ rows }) => rows,
        (error: unknown) => {
          drop();
          throw error;
        },
      );
    },
    drop,
  };
}

type Database = ReturnType<typeof connection>;

const one = async <T>(database: Database, sql: string): Promise<T> =>
  (await database.rows<{ value: T }>(`select (${sql}) as value`))[0]?.value as T;

// A cause and its job are one transaction. A mark is the effect: it has no key, so that a second one would be seen.
const arrange = `
  update private.schedules set enabled = false;
  update private.settings set value = value || '{"attempts": 3, "backoff": 1}' where name = 'queues';
  create table private.causes (n integer primary key, job uuid not null);
  create table private.marks (n integer not null, job uuid not null);
  create function private.job_mark(job uuid, data jsonb) returns void language plpgsql set search_path = '' as $$
  begin
    insert into private.marks values ((data ->> 'n')::integer, job);
    perform pg_sleep(0.005);
    if (data ->> 'n')::integer < 0 then raise division_by_zero; end if;
  end $$;
  create function private.cause(n integer) returns void language sql set search_path = '' as $$
    insert into private.causes values (n, private.enqueue('jobs', 'mark', jsonb_build_object('n', n)))
  $$;
  insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data, created_at)
    select gen_random_uuid(), 'person' || n || '@example.test', now(), jsonb_build_object('username', 'person' || n), now()
    from generate_series(1, ${mails}) n;
  select private.cause(-n) from generate_series(1, ${poisoned}) n;
  select private.send_mail(id, 'account_restored') from public.profiles;
`;

/** So many jobs wait at most: enough for every kill to meet some, and not more than are done in a moment. */
const ahead = 300;

/**
 * Causes one job after the other, at least `jobs` of them and until `over`, so that no kill finds nothing to interrupt;
 * gives the numbers whose commit was acknowledged.
 */
async function cause(database: Database, over: () => boolean): Promise<number[]> {
  const acknowledged: number[] = [];
  const waiting = "select count(*)::integer from pgmq.q_jobs";
  for (let n = 1; n <= jobs || !over(); ) {
    if (n % 25 === 0)
      await waitFor(async () => over() || (await one<number>(database, waiting)) < ahead, 120_000);
    const taken = await database.rows(`select private.cause(${n})`).then(
      () => true,
      // Killed on the way, it may have been committed all the same.
      (error: { code?: string }) => (error.code === "23505" ? null : false),
    );
    if (taken) acknowledged.push(n);
    if (taken !== false) n++;
    else await waitFor(() => one<number>(database, "select 1"));
  }
  return acknowledged;
}

/** Has the worker called again and again, as by schedule; whatever it answers. */
function keepWorking({ env }: Up) {
  let on = true;
  const reports = { answered: 0, broken: 0 };
  const calling = (async () => {
    while (on) {
      const answer = await fetch(`${env.FUNCTIONS_URL}/worker`, {
        method: "POST",
        headers: { apikey: env.SECRET_KEY, "content-type": "application/json" },
        // A claim that its worker did not live to see the end of comes back soon.
        body: JSON.stringify({ visibility: 2, quantity: 20, seconds: 5 }),
      }).catch(() => null);
      await answer?.text().catch(() => {});
      reports[answer?.ok ? "answered" : "broken"]++;
    }
  })();
  const stop = async () => {
    on = false;
    await calling;
    return reports;
  };
  return { stop };
}

/** By the log, and the part of it that was set aside when it was full. */
function workerPid({ data }: Up): number | undefined {
  const log = path.join(data, "functions", "functions.log");
  const files = [`${log}.1`, log].filter((file) => existsSync(file));
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n"));
  const started = lines.findLast((line) => line.includes('"function.started"') && line.includes('"worker"'));
  const pid = started === undefined ? 0 : (JSON.parse(started) as { pid: number }).pid;
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

const between = `select exists (
  select from private.effects e join pgmq.q_jobs q on (q.message ->> 'id')::uuid = e.job_id)`;
const inEffect = `select pid from pg_stat_activity
  where state = 'active' and wait_event = 'PgSleep' and pid <> pg_backend_pid() limit 1`;

/** Each way to die, and the process to kill at such a moment. */
const deaths: Record<string, (up: Up, database: Database) => Promise<number>> = {
  "the worker, whatever it does": (up) => waitFor(() => workerPid(up)),
  "the worker, between an effect and its end": async (up, database) => {
    const pid = await waitFor(() => workerPid(up));
    await waitFor(() => one<boolean>(database, between));
    return pid;
  },
  "a server process in the middle of an effect": (_up, database) =>
    waitFor(() => one<number | null>(database, inEffect)),
  "all of Postgres": async (up) => postmaster(up),
};

it(`${kills} kills while ${jobs} jobs run: none is lost, none has its effect twice (seed ${seed})`, async () => {
  const next = random(seed);
  const up = await startUp({ project: root, data: makeFolder("data"), words: ["--no-web", "--no-seed"] });
  const database = connection(up);
  await database.rows(arrange);
  let over = false;
  const causing = cause(connection(up), () => over);
  const worker = keepWorking(up);

  const killed: Record<string, number> = {};
  const names = Object.keys(deaths);
  for (let n = 0; n < kills; n++) {
    // Spread over the whole run: the n-th kill comes when so many effects have been had.
    const share = Math.floor(((n + next()) * jobs * 0.9) / kills);
    await waitFor(
      async () => (await one<number>(database, "select count(*)::integer from private.marks")) >= share,
      120_000,
    );
    const name = n < names.length ? names[n] : names[Math.floor(next() * names.length)];
    await killFound(
      async () => (await deaths[name ?? ""]?.(up, database)) ?? 0,
      (pid) => pid,
    );
    killed[name ?? ""] = (killed[name ?? ""] ?? 0) + 1;
    await waitFor(() => one<number>(database, "select 1"));
  }

  over = true;
  const acknowledged = await causing;
  const left = "select (select count(*) from pgmq.q_jobs) + (select count(*) from pgmq.q_mail)";
  await waitFor(async () => Number(await one(database, left)) === 0, 180_000);
  await worker.stop();

  const doubled = await database.rows("select n from private.marks group by n having count(*) > 1");
  const lost = await database.rows(
    "select n from private.causes where n > 0 except select n from private.marks",
  );
  const uncaused = await database.rows("select n from private.marks except select n from private.causes");
  expect({ doubled, lost, uncaused }).toEqual({ doubled: [], lost: [], uncaused: [] });
  const known = new Set(
    (await database.rows<{ n: number }>("select n from private.causes")).map(({ n }) => n),
  );
  expect(acknowledged.filter((n) => !known.has(n))).toEqual([]);
  expect(known.size).toBeGreaterThanOrEqual(jobs + poisoned);

  const dead = await database.rows("select kind, reason, attempts from private.dead_letters");
  expect(dead).toEqual(
    Array.from({ length: poisoned }, () => ({ kind: "mark", reason: "SQL 22012", attempts: 3 })),
  );
  expect(Object.values(killed).reduce((a, b) => a + b, 0)).toBe(kills);

  // SMTP knows no second time: a mail may come twice, when its worker died after the server's yes. Never not at all.
  expect(await one(database, "select count(*)::integer from private.mails where state <> 'sent'")).toBe(0);
  const answer = await fetch(`${up.env.MAILPIT_URL}/api/v1/messages?limit=1000`);
  const { messages } = (await answer.json()) as { messages: { To: { Address: string }[] }[] };
  expect(new Set(messages.map(({ To }) => To[0]?.Address)).size).toBe(mails);
  expect(messages.length - mails).toBeLessThanOrEqual(kills * 4);
  console.log(JSON.stringify({ seed, killed, jobs: known.size, mailed: messages.length }));
  database.drop();
  expect((await up.end()).code).toBe(0);
}, 1_800_000);
