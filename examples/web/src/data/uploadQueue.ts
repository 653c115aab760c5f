import { isTrackItError, type Upload } from "@trackit/sdk";

type Progress = { done: number; total: number };

/** Begins to send, or goes on. */
export type Start = (onProgress: (progress: Progress) => void) => Upload;

/** A file on its way, as it is shown. */
export interface Sending {
  id: string;
  name: string;
  /** From 0 to 1. */
  share: number;
  state: "waiting" | "sending" | "paused" | "failed";
  /** Why it failed. */
  error: unknown;
}

export interface Sends {
  sending: readonly Sending[];
  /** How many have arrived since nothing was under way, failed ones aside. */
  arrived: number;
}

interface Job {
  start: Start;
  upload: Upload | null;
}

/** So many go out at once; a paused one keeps nobody waiting. */
const AT_ONCE = 2;

/** What a page sends, in turn. */
export class UploadQueue {
  #sends: Sends = { sending: [], arrived: 0 };
  readonly #jobs = new Map<string, Job>();
  readonly #listeners = new Set<() => void>();
  readonly #onSent = new Set<() => void>();
  readonly #onFailed: (error: unknown) => void;

  constructor(onFailed: (error: unknown) => void) {
    this.#onFailed = onFailed;
  }

  get sends(): Sends {
    return this.#sends;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Calls back when a file has arrived; returns its own unsubscribe. */
  readonly onSent = (listener: () => void): (() => void) => {
    this.#onSent.add(listener);
    return () => this.#onSent.delete(listener);
  };

  add(name: string, start: Start): void {
    const id = crypto.randomUUID();
    this.#jobs.set(id, { start, upload: null });
    const isIdle = this.#sends.sending.every(({ state }) => state === "failed");
    const arrived = isIdle ? 0 : this.#sends.arrived;
    const one: Sending = { id, name, share: 0, state: "waiting", error: null };
    this.#tell({ sending: [...this.#sends.sending, one], arrived });
    this.#next();
  }

  pause(id: string): void {
    this.#jobs.get(id)?.upload?.pause();
    this.#change(id, { state: "paused" });
    this.#next();
  }

  /** Goes on with a paused one, and tries a failed one again. */
  resume(id: string): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    if (!job.upload) {
      this.#change(id, { state: "waiting", error: null });
      this.#next();
    } else {
      job.upload.resume();
      this.#change(id, { state: "sending" });
    }
  }

  cancel(id: string): void {
    void this.#jobs.get(id)?.upload?.cancel();
    this.#drop(id);
    this.#next();
  }

  /** Holds all of it: what the server has stays there, to go on from. */
  stop(): void {
    for (const { upload } of this.#jobs.values()) upload?.pause();
    this.#jobs.clear();
    this.#tell({ sending: [], arrived: 0 });
  }

  #next(): void {
    const { sending } = this.#sends;
    const free = AT_ONCE - sending.filter(({ state }) => state === "sending").length;
    const waiting = sending.filter(({ state }) => state === "waiting");
    for (const { id } of waiting.slice(0, Math.max(0, free))) void this.#run(id);
  }

  async #run(id: string): Promise<void> {
    const job = this.#jobs.get(id);
    if (!job) return;
    this.#change(id, { state: "sending" });
    try {
      job.upload = job.start(({ done, total }) =>
        this.#change(id, { share: total === 0 ? 1 : done / total }),
      );
      await job.upload;
      if (!this.#jobs.has(id)) return;
      this.#drop(id, 1);
      for (const listener of this.#onSent) listener();
    } catch (error) {
      if (!this.#jobs.has(id)) return;
      job.upload = null;
      if (isTrackItError(error, "NETWORK_ABORTED")) this.#drop(id);
      else {
        this.#change(id, { state: "failed", error });
        this.#onFailed(error);
      }
    }
    this.#next();
  }

  #change(id: string, part: Partial<Sending>): void {
    const sending = this.#sends.sending.map((one) => (one.id === id ? { ...one, ...part } : one));
    this.#tell({ ...this.#sends, sending });
  }

  #drop(id: string, arrived = 0): void {
    this.#jobs.delete(id);
    const sending = this.#sends.sending.filter((one) => one.id !== id);
    this.#tell({ sending, arrived: this.#sends.arrived + arrived });
  }

  #tell(sends: Sends): void {
    this.#sends = sends;
    for (const listener of this.#listeners) listener();
  }
}
