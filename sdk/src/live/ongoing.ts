import type { TrackItError } from "../errors.ts";
import { aborted } from "../failure/network.ts";
import { told } from "./told.ts";
import type { WatchOptions } from "./types.ts";

/** Something that goes on until it is ended, by the app or by itself. */
export class Ongoing {
  readonly ready: Promise<void>;
  /** Undoes what has been begun; set when it has. */
  end: () => void = () => {};
  over = false;
  readonly #options: WatchOptions;
  readonly #action: string;
  readonly #left: (one: Ongoing) => void;
  #settle: { resolve(): void; reject(error: unknown): void };

  constructor(options: WatchOptions, action: string, left: (one: Ongoing) => void) {
    this.#options = options;
    this.#action = action;
    this.#left = left;
    let settle = { resolve: (): void => {}, reject: (_: unknown): void => {} };
    this.ready = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#settle = settle;
    this.ready.catch(() => {}); // told by onError as well: nobody has to wait for it
    if (options.signal?.aborted) this.stop();
    else options.signal?.addEventListener("abort", this.stop, { once: true });
  }

  begun(): void {
    this.#settle.resolve();
  }

  readonly stop = (): void => {
    if (this.#close()) this.#settle.reject(aborted(this.#options.signal, this.#action));
  };

  readonly failed = (error: TrackItError): void => {
    if (!this.#close()) return;
    this.#settle.reject(error);
    told(() => this.#options.onError?.(error));
  };

  #close(): boolean {
    if (this.over) return false;
    this.over = true;
    this.#options.signal?.removeEventListener("abort", this.stop);
    this.#left(this);
    this.end();
    return true;
  }
}
