type Task = () => void | Promise<void>;

interface Waiting {
  task: Task;
  bytes: number;
}

/** What may wait for a task that is under way before nothing more should be taken in. */
const mostTasks = 2000;
const mostBytes = 1024 * 1024;

/** Runs tasks of one key one after the other, and at once where nothing is to wait for. */
export class Lanes {
  readonly #busy = new Map<string, Waiting[]>();
  readonly #onError: (error: unknown) => void;
  readonly #onFull: (isFull: boolean) => void;
  #tasks = 0;
  #bytes = 0;
  #isFull = false;

  /** @param onFull says that too much waits, and again when most of it has been done */
  constructor(onError: (error: unknown) => void, onFull: (isFull: boolean) => void) {
    this.#onError = onError;
    this.#onFull = onFull;
  }

  /** @param bytes that the task holds while it waits */
  run(key: string, task: Task, bytes = 0): void {
    const queue = this.#busy.get(key);
    if (!queue) {
      this.#start(key, task);
      return;
    }
    queue.push({ task, bytes });
    this.#tasks++;
    this.#bytes += bytes;
    if (!this.#isFull && (this.#tasks >= mostTasks || this.#bytes >= mostBytes)) this.#tell(true);
  }

  #start(key: string, task: Task): void {
    try {
      const pending = task();
      if (!pending) return;
      this.#busy.set(key, []);
      void this.#follow(key, pending);
    } catch (error) {
      this.#onError(error);
    }
  }

  async #follow(key: string, first: Promise<void>): Promise<void> {
    let pending: void | Promise<void> = first;
    for (;;) {
      try {
        await pending;
      } catch (error) {
        this.#onError(error);
      }
      const next = this.#busy.get(key)?.shift();
      if (!next) return void this.#busy.delete(key);
      this.#tasks--;
      this.#bytes -= next.bytes;
      if (this.#isFull && this.#tasks < mostTasks / 2 && this.#bytes < mostBytes / 2) this.#tell(false);
      pending = Promise.resolve().then(next.task);
    }
  }

  #tell(isFull: boolean): void {
    this.#isFull = isFull;
    this.#onFull(isFull);
  }
}
