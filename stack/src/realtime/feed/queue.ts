import type { Batch, Relation } from "./changes.ts";
import type { CopyConnection } from "./copy.ts";
import { Decoder } from "./decoder.ts";

/** Batches that may wait to be handled before reading pauses. */
const highWater = 8;
/** Postgres counts from the year 2000. */
const epochMs = 946_684_800_000;

export interface Handler {
  wants(relation: Relation): boolean;
  /** A transaction begins to come; what nobody wants of it now will not be in its batches. */
  begins(xid: number): void;
  /** Handles batches one after the other. */
  handle(batch: Batch): Promise<void>;
}

/** Batches in order, and the acknowledgements that they earn. */
export class Queue {
  readonly #connection: CopyConnection;
  readonly #handle: (batch: Batch) => Promise<void>;
  readonly #onError: (error: Error) => void;
  readonly #decoder: Decoder;
  #tail = Promise.resolve();
  #waiting = 0;
  #failed = false;
  #isOver = false;
  /** Up to here everything has been handled. */
  #done = 0n;

  constructor(
    connection: CopyConnection,
    { wants, begins, handle }: Handler,
    onError: (error: Error) => void,
  ) {
    this.#connection = connection;
    this.#handle = handle;
    this.#onError = onError;
    this.#decoder = new Decoder(wants, begins);
    this.#connection.on("copyData", ({ chunk }: { chunk: Buffer }) => this.#receive(chunk));
  }

  /** Resolves when what is under way is handled; Postgres is told nothing from then on. */
  async end(): Promise<void> {
    await this.#tail;
    this.#isOver = true;
  }

  /** Standby status update: written, flushed and applied up to the same place. */
  acknowledge(): void {
    if (this.#isOver || this.#failed) return;
    const reply = Buffer.alloc(34);
    reply[0] = 0x72;
    for (const at of [1, 9, 17]) reply.writeBigUInt64BE(this.#done, at);
    reply.writeBigInt64BE(BigInt(Date.now() - epochMs) * 1000n, 25);
    this.#connection.sendCopyFromChunk(reply);
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
    if (chunk[17] === 1) this.acknowledge();
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
    this.acknowledge();
  }

  #fail(error: Error): void {
    this.#failed = true;
    this.#onError(error);
  }
}
