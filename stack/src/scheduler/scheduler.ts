import pg from "pg";
import type { Log } from "../part.ts";
import { parseCron } from "./cron.ts";

export interface SchedulerOptions {
  /** As `postgres`, which runs the schedules. */
  databaseUrl: string;
  /** Where the worker function answers. */
  workerUrl: string;
  secretKey: string;
  log: Log;
}

export interface Scheduler {
  close(): Promise<void>;
}

interface Schedule {
  name: string;
  cron: string;
  /** Milliseconds since the epoch: what lies before needs nobody. */
  seen: number;
}

/** How often the clock is looked at, in milliseconds. */
const pulse = 1_000;

/** How long a worker may take, in milliseconds; the runtime ends it before. */
const workerPatience = 200_000;

/**
 * Stands in for pg_cron: runs the rows of `private.schedules` that are due, each once per moment, also where another
 * scheduler reads the same rows. Moments that passed while none ran are caught up once. A project without that table
 * has nothing to run.
 */
export async function createScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { log } = options;
  const stopping = new AbortController();
  const link = new Link(
    options,
    oneAtATime(() => callWorker(options, stopping.signal)),
  );
  const turn = async () => {
    const database = await link.open();
    for (const schedule of await readSchedules(database)) await runIfDue(database, schedule, log);
  };
  if (!(await hasSchedules(link))) {
    await link.close();
    return { close: async () => {} };
  }
  const running = repeat(turn, stopping.signal, (error) => {
    link.drop();
    // A server that is away comes back; its own part says why it went.
    log.warn("scheduler.waits", { error: error instanceof Error ? error.message : String(error) });
  });
  return {
    async close() {
      stopping.abort();
      await running;
      await link.close();
    },
  };
}

/** One connection, made anew after it was lost. */
class Link {
  readonly #url: string;
  readonly #onWork: () => void;
  #client: pg.Client | null = null;

  constructor({ databaseUrl }: SchedulerOptions, onWork: () => void) {
    this.#url = databaseUrl;
    this.#onWork = onWork;
  }

  async open(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({ connectionString: this.#url, application_name: "scheduler" });
    // Without a listener a lost connection would end the stack; the next query says the same.
    client.on("error", () => this.drop());
    await client.connect();
    // private.call_worker() says so where there is no pg_net.
    client.on("notification", this.#onWork);
    await client.query("listen worker");
    this.#client = client;
    return client;
  }

  drop(): void {
    const client = this.#client;
    this.#client = null;
    client?.end().catch(() => {});
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }
}

async function hasSchedules(link: Link): Promise<boolean> {
  const database = await link.open();
  const { rows } = await database.query<{ there: boolean }>(
    "select to_regprocedure('private.run_schedule(text, timestamptz)') is not null as there",
  );
  return rows[0]?.there ?? false;
}

async function readSchedules(database: pg.Client): Promise<Schedule[]> {
  const { rows } = await database.query<{ name: string; cron: string; seen: string }>(
    // What lies far ahead was written by a clock that has been put right since.
    `select name, cron, floor(extract(epoch from case when at <= now() + interval '1 hour' then at else 'epoch' end) * 1000) as seen
     from private.schedules, coalesce(last_due, created_at) as at where enabled order by name`,
  );
  return rows.map(({ seen, ...rest }) => ({ ...rest, seen: Number(seen) }));
}

async function runIfDue(database: pg.Client, { name, cron, seen }: Schedule, log: Log): Promise<void> {
  let due: number | null;
  try {
    due = parseCron(cron).last(Date.now());
  } catch (error) {
    log.error("schedule.unreadable", { name, error: (error as Error).message });
    return;
  }
  if (due === null || due <= seen) return;
  const { rows } = await database.query<{ ran: boolean; last_error: string | null }>(
    `select private.run_schedule($1, $2) as ran, (select last_error from private.schedules where name = $1) as last_error`,
    [name, new Date(due)],
  );
  if (rows[0]?.ran) log.debug("schedule.ran", { name });
}

/** A worker that is at it sees what has come since; a second one would not make it faster. */
function oneAtATime(work: () => Promise<void>): () => void {
  let busy = false;
  return () => {
    if (busy) return;
    busy = true;
    void work().finally(() => {
      busy = false;
    });
  };
}

/** The answer is of interest to the log alone; what it could not do comes back by itself. */
async function callWorker({ workerUrl, secretKey, log }: SchedulerOptions, stop: AbortSignal): Promise<void> {
  try {
    const answer = await fetch(workerUrl, {
      method: "POST",
      headers: { apikey: secretKey, "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.any([stop, AbortSignal.timeout(workerPatience)]),
    });
    const told = await answer.text();
    const level = answer.ok ? "debug" : "warn";
    log[level]("worker.called", {
      status: answer.status,
      ...(answer.ok ? {} : { told: told.slice(0, 300) }),
    });
  } catch (error) {
    if (!stop.aborted) log.warn("worker.unreachable", { error: (error as Error).message });
  }
}

/** Runs one turn after the other until it is stopped; after a failure it waits longer. */
async function repeat(
  turn: () => Promise<void>,
  stop: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    try {
      await turn();
      failures = 0;
    } catch (error) {
      if (stop.aborted) return;
      if (failures === 0) onError(error);
      failures = Math.min(failures + 1, 10);
    }
    await pause(pulse * (1 + failures), stop);
  }
}

const pause = (ms: number, stop: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (stop.aborted) return resolve();
    const over = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    stop.addEventListener("abort", over);
  });
