type Task = () => void | Promise<void>;

/** Tasks that may wait for one that is under way; a client that sends more without waiting is no client of ours. */
const longestQueue = 2000;

/** Runs tasks of one key one after the other, and at once where nothing is to wait for. */
export class Lanes {
  readonly #busy = new Map<string, Task[]>();
  readonly #onError: (error: unknown) => void;
  #waiting = 0;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** @returns false when too many wait already */
  run(key: string, task: Task): boolean {
    const queue = this.#busy.get(key);
    if (!queue) this.#start(key, task);
    else {
      if (this.#waiting >= longestQueue) return false;
      this.#waiting++;
      queue.push(task);
    }
    return true;
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
      this.#waiting--;
      pending = Promise.resolve().then(next);
    }
  }
}
