import pg from "pg";
import { rounds } from "./lib/load.ts";
import { median, type Result, round } from "./lib/result.ts";
import { type BenchStack, scratch, startStack } from "./lib/stack.ts";

/** Jobs per round. */
const jobs = 3_000;

/** Jobs per claim, where there is no worker. */
const claim = 100;

/** As the worker: so many together, so often at a time. */
const together = 10;
const atOnce = 4;

/** Mails, and transactions per figure of the tax, one after the other. */
const mails = 30;
const inserts = 400;

// The least that a job can do: one row.
const arrange = `
  update private.schedules set enabled = false;
  update private.settings set value = 'null' where name in ('max_users', 'sign_ups_per_hour');
  create table private.bench_marks (job uuid not null);
  create function private.job_bench(job uuid, data jsonb) returns void language sql set search_path = '' as $$
    insert into private.bench_marks values ($1)
  $$;
  create function private.bench_without() returns void language sql set search_path = '' as $$
    insert into public.tasks (owner_id, title) select id, 'bench' from public.profiles
  $$;
  create function private.bench_with() returns uuid language sql set search_path = '' as $$
    insert into public.tasks (owner_id, title) select id, 'bench' from public.profiles;
    select private.enqueue('jobs', 'bench', '{"n": 1}');
  $$;
  insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data, created_at)
    values (gen_random_uuid(), 'bench@example.test', now(), '{"username": "bench"}', now());
`;

/** Jobs through the worker, beside bare pgmq; what queueing costs its cause; how soon a mail is on its way. */
export async function run(): Promise<Result> {
  const data = scratch();
  const stack = await startStack(data.folder);
  const database = new pg.Client(stack.databaseUrl);
  await database.connect();
  try {
    await database.query(arrange);
    await callWorker(stack);
    const speeds = { bare: [] as number[], effects: [] as number[], worker: [] as number[] };
    for (let turn = 0; turn < rounds; turn++) {
      speeds.bare.push(await timed(database, () => readAndArchive(database)));
      speeds.effects.push(await timed(database, () => withoutHttp(stack)));
      speeds.worker.push(await timed(database, () => callWorker(stack)));
    }
    const tax = await enqueueTax(database);
    const delivery = await deliver(stack, database);
    const [bare, effects, worker] = [speeds.bare, speeds.effects, speeds.worker].map(median) as [
      number,
      number,
      number,
    ];
    return {
      what: `${jobs} jobs of one row each; ${mails} reminders, one after the other; inserts with and without a job`,
      figures: [
        { name: "bare pgmq, read and archive by the hundred", value: round(bare), unit: "jobs/s" },
        { name: "the same SQL as the worker's, without HTTP", value: round(effects), unit: "jobs/s" },
        { name: "through the worker", value: round(worker), unit: "jobs/s" },
        { name: "worker / bare pgmq", value: round(worker / bare, 3), unit: "ratio" },
        { name: "worker / its SQL without HTTP", value: round(worker / effects, 2), unit: "ratio" },
        { name: "insert of a task", value: round(tax.without, 2), unit: "ms" },
        { name: "insert of a task and a job", value: round(tax.with, 2), unit: "ms" },
        { name: "enqueue tax", value: round(tax.with - tax.without, 2), unit: "ms" },
        { name: "due → mail handed over", value: round(delivery, 1), unit: "ms" },
      ],
    };
  } finally {
    await database.end();
    await stack.stop();
    data.remove();
  }
}

async function callWorker({ url, secretKey }: BenchStack): Promise<void> {
  const answer = await fetch(`${url}/functions/v1/worker`, {
    method: "POST",
    headers: { apikey: secretKey, "content-type": "application/json" },
    body: "{}",
  });
  if (answer.status !== 200) throw new Error(`the worker answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** Jobs per second of whoever empties the queue. */
async function timed(database: pg.Client, empty: () => Promise<void>): Promise<number> {
  await database.query("select private.enqueue('jobs', 'bench') from generate_series(1, $1)", [jobs]);
  const start = performance.now();
  await empty();
  const perSecond = jobs / ((performance.now() - start) / 1000);
  const { rows } = await database.query<{ left: number }>(
    "select count(*)::integer as left from pgmq.q_jobs",
  );
  if (rows[0]?.left !== 0) throw new Error(`${rows[0]?.left} jobs were left; wanted none`);
  return perSecond;
}

async function readAndArchive(database: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ msg_id: string }>(
      "select msg_id from pgmq.read('jobs', 60, $1)",
      [claim],
    );
    if (rows.length === 0) return;
    await database.query("select pgmq.archive('jobs', $1::bigint[])", [rows.map(({ msg_id }) => msg_id)]);
  }
}

interface Claimed {
  message: string;
  id: string;
  kind: string;
  data: unknown;
}

/** What the worker has the database do, as many at a time, straight over the driver. */
async function withoutHttp({ databaseUrl }: BenchStack): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: atOnce });
  for (;;) {
    const { rows } = await pool.query<Claimed>("select * from private.claim_jobs('jobs', $1, 60)", [claim]);
    if (rows.length === 0) break;
    const waiting = [...rows];
    const work = async () => {
      while (waiting.length > 0)
        await pool.query({
          name: "perform",
          text: "select private.perform_jobs($1)",
          values: [JSON.stringify(waiting.splice(0, together))],
        });
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await pool.query("select private.finish_jobs('jobs', $1::bigint[])", [
      rows.map(({ message }) => message),
    ]);
  }
  await pool.end();
}

/** Median milliseconds of a transaction that inserts a task, and of one that queues a job with it, in turns. */
async function enqueueTax(database: pg.Client): Promise<{ with: number; without: number }> {
  const times = { with: [] as number[], without: [] as number[] };
  for (let turn = 0; turn < inserts; turn++) {
    for (const kind of ["without", "with"] as const) {
      const start = performance.now();
      await database.query("begin");
      await database.query(
        "insert into public.tasks (owner_id, title) select id, 'bench' from public.profiles",
      );
      if (kind === "with") await database.query(`select private.enqueue('jobs', 'bench', '{"n": 1}')`);
      await database.query("commit");
      times[kind].push(performance.now() - start);
    }
  }
  await database.query("delete from pgmq.q_jobs");
  return { with: median(times.with), without: median(times.without) };
}

/** Median milliseconds from a reminder that is due to the mail server's yes; the clock's own step comes on top. */
async function deliver(stack: BenchStack, database: pg.Client): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < mails; turn++) {
    await database.query(
      "insert into public.tasks (owner_id, title, remind_at) select id, 'bench', now() from public.profiles",
    );
    const start = performance.now();
    await database.query("select private.remind()");
    // The first call makes a mail of the job, and may send it; what is queued meanwhile, the second does.
    for (let sent = 0; sent <= turn; ) {
      await callWorker(stack);
      const { rows } = await database.query<{ sent: number }>(
        "select count(*)::integer as sent from private.mails where state = 'sent'",
      );
      sent = rows[0]?.sent ?? 0;
    }
    times.push(performance.now() - start);
  }
  return median(times);
}
