import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import type { Log } from "../../part.ts";
import type { Database } from "../access/database.ts";
import type { Batch, Relation } from "./changes.ts";
import { dropSlot } from "./slot.ts";
import { openStream, type Stream } from "./stream.ts";
import { untilVisible } from "./visibility.ts";

/** What happens in the database, to be told to channels. */
export interface Listener {
  wants(relation: Relation): boolean;
  /** Whether anybody is there to be told of one of these changes. */
  concerns(batch: Batch): boolean;
  hear(batch: Batch): Promise<void> | void;
}

interface FeedOptions {
  url: string;
  database: Database;
  listener: Listener;
  log: Log;
}

const publications = [
  "supabase_realtime",
  "supabase_realtime_messages_publication",
  "supabase_realtime_sessions_publication",
];

const shortest = 50;
const longest = 2_000;

interface Gate {
  promise: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/** The one replication connection of the stack, made again whenever it is lost. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #stopping = new AbortController();
  #stream: Stream | null = null;
  #running: Promise<void> | null = null;
  #ready = gate();
  #names: string[] = [];
  #handled = 0n;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** @returns whether changes flow, after waiting for that at most so long */
  async whenReady(patience: number): Promise<boolean> {
    const late = new AbortController();
    const timer = wait(patience, false, { signal: late.signal, ref: false }).catch(() => false);
    const ready = await Promise.race([this.#ready.promise.then(() => true), timer]);
    late.abort();
    return ready;
  }

  /** A publication that was made after the stream began is read from now on. */
  async include(publication: string, patience: number): Promise<void> {
    for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
      await this.whenReady(deadline - Date.now());
      if (this.#names.includes(publication)) return;
      if (!(await this.#existing()).includes(publication)) return;
      await this.#stream?.stop();
    }
  }

  /** Ends, and gives back the slot: nothing of what comes later is for anybody. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stream?.stop();
    await this.#running;
    const client = new pg.Client({ connectionString: this.#options.url, replication: "database" } as object);
    client.on("error", () => {});
    try {
      await client.connect();
      await dropSlot(client);
    } catch {
      // The next start takes it over.
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let pause = shortest; !signal.aborted; pause = Math.min(pause * 2, longest)) {
      const began = Date.now();
      const reason = await this.#follow().catch((error: Error) => error);
      if (signal.aborted) return;
      if (reason) await this.#recover(reason);
      if (Date.now() - began > longest) pause = shortest;
      await wait(pause, undefined, { signal }).catch(() => {});
    }
  }

  async #follow(): Promise<Error | null> {
    this.#names = await this.#existing();
    const stream = await openStream({
      url: this.#options.url,
      publications: this.#names,
      from: this.#handled,
      wants: (relation) => this.#options.listener.wants(relation),
      handle: (batch) => this.#handle(batch),
    });
    // It may have been told to stop while it began.
    if (this.#stopping.signal.aborted) await stream.stop();
    this.#stream = stream;
    this.#ready.open();
    const reason = await stream.ended;
    this.#stream = null;
    this.#ready = gate();
    return reason;
  }

  async #handle(batch: Batch): Promise<void> {
    const { database, listener } = this.#options;
    if (listener.concerns(batch)) {
      await untilVisible(database, batch.xid);
      await listener.hear(batch);
    }
    if (batch.end !== null) this.#handled = batch.end;
  }

  async #existing(): Promise<string[]> {
    const rows = await this.#options.database.query<{ pubname: string }>(
      "select pubname from pg_publication where pubname = any ($1)",
      [publications],
    );
    return rows.map(({ pubname }) => pubname);
  }

  // A publication that is gone at a place of the WAL which is still to be read would fail there for ever.
  async #recover(error: Error & { code?: string }): Promise<void> {
    this.#options.log.warn("realtime.feed", { code: error.code, reason: error.message });
    if (error.code !== "42704" || !/publication/.test(error.message)) return;
    const { database } = this.#options;
    await database
      .query("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1", [
        "trackit_realtime",
      ])
      .catch(() => {});
  }
}
