import { throwIfAborted } from "../../failure/network.ts";

/** Lets work go on, or keeps it waiting: what is under way when it closes is cut off. */
export class Hold {
  #opened: Promise<void> | null = null;
  #open: () => void = () => {};
  #cut = new AbortController();

  get closed(): boolean {
    return this.#opened !== null;
  }

  /** Fires when the hold closes. */
  get signal(): AbortSignal {
    return this.#cut.signal;
  }

  close(): void {
    if (this.#opened) return;
    this.#opened = new Promise((open) => {
      this.#open = open;
    });
    this.#cut.abort();
  }

  open(): void {
    if (!this.#opened) return;
    this.#cut = new AbortController();
    this.#opened = null;
    this.#open();
  }

  /** Waits until it is open. @throws NETWORK_ABORTED where the signal fires before */
  async passed(signal: AbortSignal, action: string): Promise<void> {
    while (this.#opened) {
      throwIfAborted(signal, action);
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        void this.#opened?.then(resolve);
      });
    }
    throwIfAborted(signal, action);
  }
}
