import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../../part.ts";
import type { Database } from "../access/database.ts";
import type { Batch, Relation } from "./changes.ts";
import { Gate } from "./gate.ts";
import { Marks } from "./marks.ts";
import { Progress } from "./progress.ts";
import { findPublications, isMissing } from "./publications.ts";
import { dropIdleSlot, giveBackSlot } from "./slot.ts";
import { openStream, type Stream } from "./stream.ts";
import { Passed, untilVisible } from "./visibility.ts";

/** What happens in the database, to be told to channels. */
export interface Listener {
  wants(relation: Relation): boolean;
  /** Whether anybody is there to be told of one of these changes. */
  concerns(batch: Batch): boolean;
  /** @param reached is told the place of each change that will not have to be told again */
  hear(batch: Batch, reached: (place: number) => void): Promise<void>;
}

interface FeedOptions {
  url: string;
  database: Database;
  listener: Listener;
  log: Log;
}

/** Milliseconds before the next attempt: at first, and at most. */
const shortest = 50;
const longest = 2_000;
/** How often a publication that is missing is looked for. */
const lookEvery = 2_000;

/** The one replication connection of the stack, made again whenever it is lost. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #stopping = new AbortController();
  readonly #ready = new Gate();
  readonly #progress = new Progress();
  readonly #marks = new Marks();
  readonly #passed = new Passed();
  #stream: Stream | null = null;
  #running: Promise<void> | null = null;
  #names: string[] = [];
  #handled = 0n;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** @returns whether changes flow, after waiting for that at most so long */
  whenReady(patience: number): Promise<boolean> {
    return this.#ready.passes(patience);
  }

  /** Waits until everything that was committed before has been told, at most so long. */
  async catchUp(patience: number): Promise<void> {
    if (await this.whenReady(patience)) await this.#marks.pass(this.#options.database, patience);
  }

  /** Waits until whoever reads the database finds what went by before they were there to be told. */
  settled(): Promise<void> {
    return this.#passed.visible(this.#options.database);
  }

  /** A publication that was made after the stream began is read from now on. */
  async include(publication: string, patience: number): Promise<void> {
    for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
      await this.whenReady(deadline - Date.now());
      if (this.#names.includes(publication)) return;
      if (!(await findPublications(this.#options.database)).includes(publication)) return;
      await this.#stream?.stop();
    }
  }

  /** Ends, and gives back the slot: nothing of what comes later is for anybody. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stream?.stop();
    await this.#running;
    await giveBackSlot(this.#options.url);
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
    const { url, listener, database } = this.#options;
    this.#names = await findPublications(database);
    const stream = await openStream({
      url,
      publications: this.#names,
      from: this.#handled,
      wants: (relation) => listener.wants(relation),
      begins: (xid) => this.#passed.add(xid),
      handle: (batch) => this.#handle(batch),
    });
    // It may have been told to stop while it began.
    if (this.#stopping.signal.aborted) await stream.stop();
    this.#stream = stream;
    this.#ready.open();
    const timer = isMissing(this.#names) ? setInterval(() => void this.#look(stream), lookEvery) : undefined;
    const reason = await stream.ended;
    clearInterval(timer);
    this.#stream = null;
    this.#ready.close();
    return reason;
  }

  async #handle(batch: Batch): Promise<void> {
    const { database, listener } = this.#options;
    const rest = this.#progress.rest(batch);
    if (listener.concerns(rest)) {
      await untilVisible(database, [batch.xid]);
      await listener.hear(rest, (place) => this.#progress.reach(batch, place));
    }
    for (const mark of batch.marks) this.#marks.reach(mark);
    if (batch.end !== null) this.#handled = batch.end;
  }

  /** Channels that are open hear a publication that was made anew without asking for it again. */
  async #look(stream: Stream): Promise<void> {
    const found = await findPublications(this.#options.database).catch(() => this.#names);
    if (found.some((name) => !this.#names.includes(name))) await stream.stop();
  }

  // A publication that is gone at a place of the WAL which is still to be read would fail there for ever.
  async #recover(error: Error & { code?: string }): Promise<void> {
    const { database, log } = this.#options;
    log.warn("realtime.feed", { code: error.code, reason: error.message });
    if (error.code === "42704" && /publication/.test(error.message)) await dropIdleSlot(database);
  }
}
