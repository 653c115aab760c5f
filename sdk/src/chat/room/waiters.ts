interface Waiter {
  resolve(id: string): void;
  reject(error: unknown): void;
}

/** Who waits for a message to stand in the room. */
export class Waiters {
  readonly #waiting = new Map<string, Waiter[]>();

  /** @param aborted Told when `signal` ends the wait. @returns The error to give instead. */
  wait(id: string, signal: AbortSignal | undefined, aborted: (reason: unknown) => Error): Promise<string> {
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(aborted(signal?.reason));
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      const end = (): void => signal?.removeEventListener("abort", abort);
      const waiter: Waiter = {
        resolve: (done) => {
          end();
          resolve(done);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), waiter]);
    });
  }

  resolve(id: string): void {
    for (const { resolve } of this.#take(id)) resolve(id);
  }

  reject(id: string, error: unknown): void {
    for (const { reject } of this.#take(id)) reject(error);
  }

  rejectAll(error: () => unknown): void {
    for (const id of [...this.#waiting.keys()]) this.reject(id, error());
  }

  #take(id: string): Waiter[] {
    const found = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    return found;
  }
}
