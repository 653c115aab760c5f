import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import type { Batch, Relation } from "./changes.ts";
import { Decoder } from "./decoder.ts";
import { prepareSlot, slotName } from "./slot.ts";

/** Batches that may wait to be handled before reading pauses. */
const highWater = 8;
const epochMs = 946_684_800_000;
/** What Postgres is given to end replication in good order. */
const courtesy = 1_000;

interface StreamOptions {
  url: string;
  /** Names of publications that exist. */
  publications: string[];
  /** Where to go on, if that is later than what the slot knows. */
  from: bigint;
  wants(relation: Relation): boolean;
  /** Handles batches one after the other. */
  handle(batch: Batch): Promise<void>;
}

/** A running replication connection. */
export interface Stream {
  /** Resolves when the connection is over, with the reason if there is one. */
  ended: Promise<Error | null>;
  /** Ends it once what is under way is handled. */
  stop(): Promise<void>;
}

// What pg's own connection offers for COPY in both directions, which its types leave out.
interface CopyConnection extends NodeJS.EventEmitter {
  stream: { pause(): void; resume(): void };
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * Reads the slot from Postgres. A transaction is acknowledged when it has been handled, never when it was merely
 * received, so that one which was not handled comes again.
 */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: "realtime replication",
    replication: "database",
  } as pg.ClientConfig);
  const ended = endOf(client);
  try {
    await client.connect();
    await prepareSlot(client);
    const queue = new Queue(client, options);
    const { over } = await start(client, options);
    return {
      ended,
      async stop() {
        await queue.drained();
        // Said politely, Postgres lets go of the slot at once; of a socket that is gone it learns much later.
        connectionOf(client).endCopyFrom();
        await Promise.race([over, ended, wait(courtesy, undefined, { ref: false })]);
        await client.end().catch(() => {});
      },
    };
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

function endOf(client: pg.Client): Promise<Error | null> {
  return new Promise((resolve) => {
    client.on("error", resolve);
    client.on("end", () => resolve(null));
  });
}

/** @returns `over` resolves when replication is */
function start(
  client: pg.Client,
  { publications, from }: StreamOptions,
): Promise<{ over: Promise<unknown> }> {
  const names = publications.join(",").replaceAll("'", "''");
  const lsn = `${(from >> 32n).toString(16)}/${(from & 0xffff_ffffn).toString(16)}`;
  const command = `START_REPLICATION SLOT "${slotName}" LOGICAL ${lsn} (proto_version '1', publication_names '${names}')`;
  return new Promise((resolve, reject) => {
    // It returns when replication ends, and rejects when it fails: at once, or any time later.
    const over = client.query(command).catch((error: Error) => {
      reject(error);
      client.emit("error", error);
    });
    connectionOf(client).once("replicationStart", () => resolve({ over }));
  });
}

const connectionOf = (client: pg.Client): CopyConnection =>
  (client as unknown as { connection: CopyConnection }).connection;

/** Batches in order, and the acknowledgements that they earn. */
class Queue {
  readonly #connection: CopyConnection;
  readonly #handle: (batch: Batch) => Promise<void>;
  readonly #onError: (error: Error) => void;
  readonly #decoder: Decoder;
  #tail = Promise.resolve();
  #waiting = 0;
  #failed = false;
  /** Up to here everything has been handled. */
  #done = 0n;

  constructor(client: pg.Client, options: StreamOptions) {
    this.#connection = connectionOf(client);
    this.#handle = options.handle;
    this.#onError = (error) => client.emit("error", error);
    this.#decoder = new Decoder(options.wants);
    this.#connection.on("copyData", ({ chunk }: { chunk: Buffer }) => this.#receive(chunk));
  }

  drained(): Promise<void> {
    return this.#tail;
  }

  #receive(chunk: Buffer): void {
    if (this.#failed) return;
    try {
      if (chunk[0] === 0x6b) this.#keepalive(chunk);
      const batch = chunk[0] === 0x77 ? this.#decoder.read(chunk.subarray(25)) : null;
      if (batch) this.#push(batch);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Postgres says how far it is; nothing of ours lies before that when nothing waits. */
  #keepalive(chunk: Buffer): void {
    const end = chunk.readBigUInt64BE(1);
    if (this.#waiting === 0 && end > this.#done) this.#done = end;
    if (chunk[17] === 1) this.#acknowledge();
  }

  #push(batch: Batch): void {
    if (++this.#waiting === highWater) this.#connection.stream.pause();
    this.#tail = this.#tail.then(() => this.#process(batch));
  }

  async #process(batch: Batch): Promise<void> {
    if (this.#failed) return;
    try {
      await this.#handle(batch);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (this.#waiting-- === highWater) this.#connection.stream.resume();
    if (batch.end === null || batch.end <= this.#done) return;
    this.#done = batch.end;
    this.#acknowledge();
  }

  #fail(error: Error): void {
    this.#failed = true;
    this.#onError(error);
  }

  /** Standby status update: written, flushed and applied up to the same place. */
  #acknowledge(): void {
    const reply = Buffer.alloc(34);
    reply[0] = 0x72;
    for (const at of [1, 9, 17]) reply.writeBigUInt64BE(this.#done, at);
    reply.writeBigInt64BE(BigInt(Date.now() - epochMs) * 1000n, 25);
    this.#connection.sendCopyFromChunk(reply);
  }
}
