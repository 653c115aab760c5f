import { real } from "../retry/around.ts";
import type { Core } from "./core.ts";

/** Milliseconds; read at use, so that a test can have shorter ones. */
export const keeping = {
  /** From the first thing that is new until it is looked after. */
  delay: 5_000,
  /** Between two rounds: a backup is put 60 times an hour at most. */
  between: 90_000,
};

/** What a device does for its owner without being asked, some time after something has changed. */
export class Upkeep {
  readonly #core: Core;
  readonly #over = new AbortController();
  #round: Promise<void> | null = null;
  #again = false;
  #last = Number.NEGATIVE_INFINITY;

  constructor(core: Core) {
    this.#core = core;
  }

  stir(): void {
    this.#again = true;
    if (this.#over.signal.aborted) return;
    this.#round ??= this.#run().finally(() => {
      this.#round = null;
    });
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#over.signal.aborted) {
      const wait = Math.max(keeping.delay, this.#last + keeping.between - Date.now());
      await real.wait(wait, this.#over.signal);
      if (this.#over.signal.aborted) return;
      this.#again = false;
      this.#last = Date.now();
      // What fails now is tried with the next round: nobody waits for it.
      await this.#keepUp().catch(() => {});
    }
  }

  async #keepUp(): Promise<void> {
    const loaded = await import("./keep-up.ts").catch(() => null);
    if (loaded) await loaded.keepUp(this.#core, this.#over.signal);
    else this.#again = true; // Without a network its code does not come.
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#round;
  }
}
