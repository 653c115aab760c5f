import { setTimeout as wait } from "node:timers/promises";

/** What is waited for until it is there, and again once it is gone. */
export class Gate {
  #open = () => {};
  #opened = this.#closed();

  open(): void {
    this.#open();
  }

  close(): void {
    this.#opened = this.#closed();
  }

  /** @returns whether it is open, after waiting for that at most so long */
  async passes(patience: number): Promise<boolean> {
    const late = new AbortController();
    const timer = wait(patience, false, { signal: late.signal, ref: false }).catch(() => false);
    const isOpen = await Promise.race([this.#opened.then(() => true), timer]);
    late.abort();
    return isOpen;
  }

  #closed(): Promise<void> {
    return new Promise((resolve) => {
      this.#open = resolve;
    });
  }
}
