import { TrackItError } from "../../errors.ts";
import type { Engine } from "./engine.ts";
import { type Answer, type Call, fromWire, type Hello, type Method, REPEATABLE } from "./wire.ts";

/** A worker that is there, and what waits for it. */
interface Running {
  worker: Worker;
  ready: Promise<void>;
  waiting: Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>;
}

/** Said to a call whose worker ended under it. */
class Ended extends Error {}

/** A worker that loads and says nothing within this time is none of ours. */
const START_MS = 15_000;

/** The page's end of the wire. A worker that ended is started anew by the next call. */
export class Remote {
  readonly #name: string;
  readonly #start: () => Worker;
  #running: Running | null = null;
  #last = 0;
  #closed = false;

  constructor(name: string, start: () => Worker) {
    this.#name = name;
    this.#start = start;
  }

  /** @throws where no worker can be started; before any call, so that its caller can do without. */
  async begin(): Promise<void> {
    await this.#run().ready;
  }

  async call<Name extends Method>(
    method: Name,
    ...args: Parameters<Engine[Name]>
  ): Promise<Awaited<ReturnType<Engine[Name]>>> {
    type Value = Awaited<ReturnType<Engine[Name]>>;
    try {
      return (await this.#ask(method, args)) as Value;
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      if (REPEATABLE.has(method)) return (await this.#ask(method, args).catch(lost)) as Value;
      return lost(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#end(this.#running);
  }

  async #ask<Name extends Method>(method: Name, args: Parameters<Engine[Name]>): Promise<unknown> {
    const running = this.#run();
    await running.ready;
    this.#last += 1;
    const call: Call<Name> = { id: this.#last, method, args };
    return new Promise((resolve, reject) => {
      // Ended while this call waited for its start.
      if (running !== this.#running) return reject(new Ended());
      running.waiting.set(call.id, { resolve, reject });
      running.worker.postMessage(call);
    });
  }

  #run(): Running {
    if (this.#running) return this.#running;
    if (this.#closed) throw new TrackItError("USAGE_STORAGE", "keystore: it is closed, wanted an open one");
    const worker = this.#start();
    const waiting: Running["waiting"] = new Map();
    const ready = new Promise<void>((resolve, reject) => {
      waiting.set(0, { resolve: () => resolve(), reject });
    });
    const running: Running = { worker, ready, waiting };
    this.#running = running;
    ready.catch(() => {});
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => settle(running, data));
    worker.addEventListener("error", () => this.#end(running));
    worker.addEventListener("messageerror", () => this.#end(running));
    this.#greet(running);
    return running;
  }

  #greet(running: Running): void {
    const alive = `${this.#name}:alive:${crypto.randomUUID()}`;
    const hello: Hello = { hello: this.#name, alive };
    running.worker.postMessage(hello);
    const cap = setTimeout(() => this.#end(running), START_MS);
    const watch = () => navigator.locks?.request(alive, () => this.#end(running));
    running.ready
      .finally(() => clearTimeout(cap))
      .then(watch)
      .catch(() => {});
  }

  #end(running: Running | null): void {
    if (!running) return;
    if (this.#running === running) this.#running = null;
    running.worker.terminate();
    const waiting = [...running.waiting.values()];
    running.waiting.clear();
    for (const { reject } of waiting) reject(new Ended());
  }
}

function settle({ waiting }: Running, data: Answer): void {
  const call = waiting.get(data.id);
  waiting.delete(data.id);
  if ("error" in data) call?.reject(fromWire(data.error));
  else call?.resolve(data.value);
}

function lost(cause: unknown): never {
  if (!(cause instanceof Ended)) throw cause;
  throw new TrackItError("USAGE_STORAGE", "keystore: its worker ended before it answered", {
    hint: "A batch may have been written: read before deciding again",
  });
}
