import pg from "pg";
import { isPostgresError } from "../error-reply.ts";
import { Exchange, type Outcome, type Statement } from "./exchange.ts";

export interface PoolOptions {
  client: pg.ClientConfig;
  /** Backends at most. */
  size: number;
  /** Seconds after which a connection that nobody uses is closed; the last one stays. */
  idleSeconds: number;
}

/** The database could not be reached, or went away before it had answered. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";

  constructor(cause: unknown) {
    super("Running a statement failed: the database is out of reach", { cause });
  }
}

/** Runs groups of statements, each group a transaction in one round trip, on a few connections. */
export interface Pool {
  run(statements: readonly Statement[]): Promise<Outcome>;
  /** Closes every connection once it is free, so that what it has prepared is forgotten. */
  recycle(): void;
  close(): Promise<void>;
}

interface Job {
  statements: readonly Statement[];
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
}

/** After such an error the server closes the connection. */
const isFatal = (error: Error | null) =>
  error !== null && (!isPostgresError(error) || ("severity" in error && error.severity !== "ERROR"));

export function createPool(options: PoolOptions): Pool {
  return new ConnectionPool(options);
}

class ConnectionPool implements Pool {
  readonly #options: PoolOptions;
  readonly #waiting: Job[] = [];
  /** Last freed, first used: under little load the other connections grow idle and go. */
  readonly #free: pg.Client[] = [];
  readonly #stale = new WeakSet<pg.Client>();
  readonly #all = new Map<pg.Client, NodeJS.Timeout | null>();
  #opening = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  run(statements: readonly Statement[]): Promise<Outcome> {
    if (this.#closed) return Promise.reject(new Error("Running a statement failed: the pool is closed"));
    return new Promise((resolve, reject) => {
      const job = { statements, resolve, reject };
      const client = this.#free.pop();
      if (client) {
        this.#start(client, job);
        return;
      }
      this.#waiting.push(job);
      if (this.#all.size + this.#opening < this.#options.size) void this.#open();
    });
  }

  recycle(): void {
    for (const client of this.#all.keys()) this.#stale.add(client);
    for (const client of this.#free.splice(0)) this.#drop(client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.reject(new Error("The pool was closed"));
    await Promise.all([...this.#all.keys()].map((client) => this.#drop(client)));
  }

  #start(client: pg.Client, job: Job): void {
    const timer = this.#all.get(client);
    if (timer) clearTimeout(timer);
    client.query(
      new Exchange(job.statements, (error, outcome) => {
        if (error) job.reject(isPostgresError(error) ? error : new ConnectionLostError(error));
        else job.resolve(outcome);
        if (isFatal(error)) void this.#drop(client);
        else this.#release(client);
      }),
    );
  }

  #release(client: pg.Client): void {
    if (!this.#all.has(client)) return;
    if (this.#stale.has(client) || this.#closed) {
      void this.#drop(client);
      return;
    }
    const job = this.#waiting.shift();
    if (job) {
      this.#start(client, job);
      return;
    }
    this.#free.push(client);
    const timer = setTimeout(() => this.#dropFree(client), this.#options.idleSeconds * 1000);
    this.#all.set(client, timer.unref());
  }

  async #open(): Promise<void> {
    this.#opening++;
    const client = new pg.Client({ ...this.#options.client, application_name: "rest" });
    client.on("error", () => this.#forget(client));
    client.on("end", () => this.#forget(client));
    try {
      await client.connect();
      this.#all.set(client, null);
      this.#opening--;
      this.#release(client);
    } catch (error) {
      this.#opening--;
      this.#giveUp(error);
    }
  }

  /** Whoever waits is told, unless a connection is left that will come to it. */
  #giveUp(cause: unknown): void {
    if (this.#all.size > 0) return;
    for (const job of this.#waiting.splice(0)) job.reject(new ConnectionLostError(cause));
  }

  /** A connection that went away leaves room for another where somebody waits. */
  #refill(): void {
    if (this.#waiting.length > 0 && this.#all.size + this.#opening < this.#options.size) void this.#open();
  }

  #dropFree(client: pg.Client): void {
    const place = this.#free.indexOf(client);
    if (place < 0 || this.#all.size <= 1) return;
    this.#free.splice(place, 1);
    void this.#drop(client);
  }

  async #drop(client: pg.Client): Promise<void> {
    this.#forget(client);
    await client.end().catch(() => {});
  }

  #forget(client: pg.Client): void {
    const timer = this.#all.get(client);
    if (timer) clearTimeout(timer);
    if (!this.#all.delete(client)) return;
    const place = this.#free.indexOf(client);
    if (place >= 0) this.#free.splice(place, 1);
    this.#refill();
  }
}
