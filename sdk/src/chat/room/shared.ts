/** One thing for all who want it: begun with the first of them, ended with the last. */
export class Shared<One extends { stop(): void }> {
  readonly #begin: () => One;
  #one: One | null = null;
  #users = 0;

  constructor(begin: () => One) {
    this.#begin = begin;
  }

  /** @returns It, and what gives it back. */
  take(): { one: One; release: () => void } {
    this.#one ??= this.#begin();
    this.#users += 1;
    let isTaken = true;
    const release = (): void => {
      if (!isTaken) return;
      isTaken = false;
      this.#users -= 1;
      if (this.#users === 0) this.stop();
    };
    return { one: this.#one, release };
  }

  stop(): void {
    this.#one?.stop();
    this.#one = null;
  }
}
