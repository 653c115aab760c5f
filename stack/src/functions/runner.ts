import type { Log } from "../part.ts";
import type { Declared } from "./types.ts";
import type { Worker } from "./worker.ts";

/** What one start of a function's process needs to know of it. */
export interface Launch {
  worker: Worker;
  declared: Declared;
  /** Ends the watch over its files. */
  unwatch(): void;
}

export interface RunnerOptions {
  /** Starts a process; `onChange` is to be called once its files have changed. */
  launch(onChange: () => void): Launch;
  log: Log;
}

/** A process at work for one request; to be given back. */
export interface Lease {
  worker: Worker;
  declared: Declared;
  release(): void;
}

/**
 * One function: its process from the first request until it has been idle for a while, started anew after a crash,
 * a change of its files or a request that it did not answer. Requests under way keep the process that they have.
 */
export class Runner {
  readonly #options: RunnerOptions;
  #current: Launch | null = null;
  readonly #leaving = new Set<Launch>();
  #idle: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Process id, or null while none runs. */
  get pid(): number | null {
    return this.#current?.worker.pid ?? null;
  }

  /** @throws Error when it does not start */
  async lease(): Promise<Lease> {
    const { worker, declared } = this.#tryLaunch();
    worker.inFlight++;
    this.#disarm();
    let given = true;
    const release = () => {
      if (!given) return;
      given = false;
      worker.inFlight--;
      if (worker.inFlight === 0) worker.onRest();
    };
    await worker.ready.catch((error) => {
      release();
      throw error;
    });
    return { worker, declared, release };
  }

  /** Lets the process finish what it has, and the next request start another. */
  renew(): void {
    const old = this.#current;
    if (!old) return;
    this.#current = null;
    this.#disarm();
    old.unwatch();
    this.#leaving.add(old);
    const patience = setTimeout(() => old.worker.kill(), old.declared.limits.wallClockSeconds * 1000);
    patience.unref();
    old.worker.onRest = () => {
      if (old.worker.resting) void old.worker.stop();
    };
    void old.worker.ended.then(() => {
      clearTimeout(patience);
      this.#leaving.delete(old);
    });
    old.worker.onRest();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm();
    const all = [...this.#leaving, ...(this.#current ? [this.#current] : [])];
    for (const { unwatch } of all) unwatch();
    await Promise.all(all.map(({ worker }) => worker.stop()));
  }

  /** For a process that leaves without stopping. */
  kill(): void {
    for (const { worker } of [...this.#leaving, ...(this.#current ? [this.#current] : [])]) worker.kill();
  }

  #tryLaunch(): Launch {
    try {
      return this.#launched();
    } catch (error) {
      this.#options.log.error("function.launch", { reason: (error as Error).message });
      throw error;
    }
  }

  #launched(): Launch {
    if (this.#stopped) throw new Error("the stack is stopping");
    if (this.#current) return this.#current;
    const launch = this.#options.launch(() => {
      if (this.#current !== launch) return;
      this.#options.log.info("function.changed", { pid: launch.worker.pid });
      this.renew();
    });
    this.#current = launch;
    launch.worker.onRest = () => this.#arm();
    void launch.worker.ended.then(() => {
      launch.unwatch();
      if (this.#current === launch) this.#current = null;
    });
    return launch;
  }

  #arm(): void {
    this.#disarm();
    const launch = this.#current;
    if (!launch || launch.worker.inFlight > 0) return;
    const { limits, warm } = launch.declared;
    if (warm && launch.worker.resting) return;
    const seconds = launch.worker.resting ? limits.idleSeconds : limits.wallClockSeconds;
    this.#idle = setTimeout(() => {
      this.#current = null;
      this.#leaving.add(launch);
      void launch.worker.stop().then(() => this.#leaving.delete(launch));
    }, seconds * 1000);
    this.#idle.unref();
  }

  #disarm(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
  }
}
