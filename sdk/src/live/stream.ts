import type { Feed, Told } from "./wire.ts";

export interface StreamParts {
  since(n: number): Promise<Feed>;
  /** One event after the other: each number once, and none left out. */
  tell(event: Told): void;
  /** The feed does not reach back: nothing but the tables can tell what has changed. */
  lost(): void;
}

/**
 * Puts events in order. They come over the channel, perhaps twice, late, or not at all; what is missing is read from
 * the feed. Rows of the feed are as they were when it was asked, at its number `n`: what the channel says up to that
 * number is older, and is left out.
 */
export class Stream {
  /** The last event that was told; null until the first head is known. */
  seen: number | null = null;
  readonly #parts: StreamParts;
  /** Came early: their turn is when the gap before them is closed. */
  readonly #early = new Map<number, Told>();
  /** The number as of which the feed spoke last. */
  #fedTo = 0;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /** Takes what the channel says; true when something is missing before it. */
  hear(event: Told): boolean {
    if (this.seen === null || event.n <= this.seen) return false;
    this.#early.set(event.n, event);
    if (!this.#reading) this.#tellEarly();
    return this.seen < Math.max(event.n, this.#fedTo) && !this.#reading;
  }

  /** Reads what is missing up to the present; two calls at once are one. */
  catchUp(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    for (let before: number | null = -1; this.#again; ) {
      this.#again = false;
      await this.#read();
      this.#tellEarly();
      // What came meanwhile may have a gap of its own before it; one that the feed does not know is given up.
      if (this.#early.size > 0 && this.seen !== before) this.#again = true;
      before = this.seen;
    }
  }

  async #read(): Promise<void> {
    for (;;) {
      const from = this.seen ?? 0;
      const { n, too_old, events } = await this.#parts.since(from);
      this.#fedTo = n;
      if (too_old) {
        this.seen = n;
        this.#parts.lost();
        return;
      }
      for (const event of events) this.#tell(event);
      if (events.length === 0 || n <= (this.seen ?? 0)) return;
    }
  }

  #tellEarly(): void {
    const known = Math.max(this.seen ?? 0, this.#fedTo);
    for (const n of this.#early.keys()) if (n <= known) this.#early.delete(n);
    for (;;) {
      const next = this.#early.get((this.seen ?? 0) + 1);
      if (!next) return;
      this.#early.delete(next.n);
      this.#tell(next);
    }
  }

  #tell(event: Told): void {
    if (event.n <= (this.seen ?? 0)) return;
    this.seen = event.n;
    this.#parts.tell(event);
  }
}
