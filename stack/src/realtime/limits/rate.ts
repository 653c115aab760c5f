/** Counts events in seconds, over a window of so many. */
export class Rate {
  readonly #slots: Uint32Array;
  readonly #now: () => number;
  #second: number;
  #sum = 0;

  constructor(seconds: number, now: () => number = Date.now) {
    this.#slots = new Uint32Array(seconds);
    this.#now = now;
    this.#second = Math.floor(now() / 1000);
  }

  add(count = 1): void {
    const at = this.#advance() % this.#slots.length;
    this.#slots[at] = (this.#slots[at] ?? 0) + count;
    this.#sum += count;
  }

  /** Events in the window. */
  get sum(): number {
    this.#advance();
    return this.#sum;
  }

  /** Events per second, over the whole window. */
  get average(): number {
    return this.sum / this.#slots.length;
  }

  #advance(): number {
    const second = Math.floor(this.#now() / 1000);
    const passed = Math.min(second - this.#second, this.#slots.length);
    for (let step = 1; step <= passed; step++) {
      const at = (this.#second + step) % this.#slots.length;
      this.#sum -= this.#slots[at] ?? 0;
      this.#slots[at] = 0;
    }
    if (second > this.#second) this.#second = second;
    return this.#second;
  }
}
