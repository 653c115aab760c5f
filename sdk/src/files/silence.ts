/** Ends a request on which nothing moves for so long; its signal fires then, and with the outer one. */
export class Silence {
  readonly #given = new AbortController();
  readonly #outer: AbortSignal;
  readonly #ms: number;
  readonly #abort = (): void => this.#given.abort(this.#outer.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal, ms: number) {
    this.#outer = outer;
    this.#ms = ms;
    if (outer.aborted) this.#abort();
    outer.addEventListener("abort", this.#abort, { once: true });
    this.broken();
  }

  get signal(): AbortSignal {
    return this.#given.signal;
  }

  /** Whether it was too long. */
  get isOver(): boolean {
    return this.#given.signal.aborted && !this.#outer.aborted;
  }

  /** Something has moved, or is awaited from now on. */
  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#given.abort(new Error("timeout: nothing moved")), this.#ms);
  }

  /** Nothing is awaited: whoever takes what came may take their time. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.rest();
    this.#outer.removeEventListener("abort", this.#abort);
  }
}
