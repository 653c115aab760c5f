import type { Surroundings } from "../retry/around.ts";
import type { DueFilter } from "../types.ts";
import { type Deadline, isTimed, type Moment, nextLook } from "./due.ts";

/** Waits for the moments at which rows join or leave a filter although nobody changes them. */
export class Lookout {
  readonly #around: Surroundings;
  readonly #due: DueFilter | undefined;
  readonly #look: () => void;
  #timer = new AbortController();
  #next = Number.POSITIVE_INFINITY;

  constructor(around: Surroundings, due: DueFilter | undefined, look: () => void) {
    this.#around = around;
    this.#due = due;
    this.#look = look;
  }

  stop(): void {
    this.#timer.abort();
  }

  /** Plans the next look anew, for all of these rows. */
  plan(rows: Iterable<Deadline>, at: Moment): void {
    if (isTimed(this.#due)) this.#wait(nextLook(this.#due, rows, at), at.now);
  }

  /** A row that has just come may have its moment before the next look. */
  mind(row: Deadline, at: Moment): void {
    if (!isTimed(this.#due)) return;
    const next = nextLook(this.#due, [row], at);
    if (next < this.#next) this.#wait(next, at.now);
  }

  #wait(until: number, now: number): void {
    this.#timer.abort();
    const timer = new AbortController();
    this.#timer = timer;
    this.#next = until;
    void this.#around.wait(until - now, timer.signal).then(() => {
      if (timer.signal.aborted) return;
      this.#next = Number.POSITIVE_INFINITY;
      this.#look();
    });
  }
}
