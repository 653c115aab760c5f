import { untilAborted } from "../failure/network.ts";
import type { Surroundings } from "../retry/around.ts";
import { backoff } from "../retry/backoff.ts";
import type { Engine } from "./engine.ts";
import type { FlushReport } from "./types.ts";

const BUSY_MS = 200;

/** Decides when a user's writes are sent: at once, and after failures later and later. */
export class Runner {
  readonly #engine: Engine;
  readonly #around: Surroundings;
  #loop: Promise<void> | null = null;
  #again = false;
  #closed = false;
  /** Vain ones in a row. */
  #tries = 0;
  #hurry = new AbortController();
  /** Whether the last try found no network: new writes are then kept without trying. */
  down = false;

  constructor(engine: Engine, around: Surroundings) {
    this.#engine = engine;
    this.#around = around;
  }

  /** Something has changed (a write was kept, the network is back, somebody signed in): tries at once. */
  wake(): void {
    this.#hurry.abort();
    this.#start();
  }

  /** A write was kept: makes sure that it will be sent, without hurrying a wait for the network. */
  ensure(): void {
    this.#start();
  }

  #start(): void {
    this.#again = true;
    if (this.#closed) return;
    this.#loop ??= this.#run().finally(() => {
      this.#loop = null;
      if (this.#again && !this.#closed) this.#start();
    });
  }

  async flush(signal?: AbortSignal): Promise<FlushReport> {
    const work = async (): Promise<FlushReport> => {
      for (;;) {
        const result = await this.#engine.round();
        if (result === "busy") {
          await this.#around.wait(BUSY_MS, signal ?? new AbortController().signal);
          continue;
        }
        this.down = result.stop === "offline";
        if (!this.down) this.wake();
        return this.#engine.counts();
      }
    };
    return untilAborted(work, signal, "outbox.flush");
  }

  close(): void {
    this.#closed = true;
    this.#hurry.abort();
  }

  async #run(): Promise<void> {
    this.#tries = 0;
    while (!this.#closed) {
      this.#again = false;
      this.#hurry = new AbortController();
      const wait = await this.#once();
      if (wait === null && !this.#again) return;
      if (wait !== null) await this.#around.wait(wait, this.#hurry.signal);
    }
  }

  /** One round; how long to wait for the next, null when there is nothing more to do. */
  async #once(): Promise<number | null> {
    try {
      const { pending } = await this.#engine.counts();
      const result = pending === 0 ? ({ sent: 0, stop: null } as const) : await this.#engine.round();
      if (result === "busy") return BUSY_MS + backoff(1, this.#around.random);
      this.down = result.stop === "offline";
      this.#tries = result.sent > 0 ? 1 : this.#tries + 1;
      if (result.stop === null || result.stop === "signedOut") return null;
      const after = "after" in result ? (result.after ?? 0) * 1000 : 0;
      return after + backoff(this.#tries, this.#around.random);
    } catch {
      // The device's storage fails: pending() says how. What is kept stays, and is looked at again.
      this.#tries += 1;
      return backoff(this.#tries, this.#around.random);
    }
  }
}
