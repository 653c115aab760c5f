/** Work on the same key is done one after the other, in the order in which it came. */
export class Line {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<Answer>(keys: readonly string[], work: () => Promise<Answer>): Promise<Answer> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    const mine = Promise.allSettled(before).then(work);
    for (const key of keys) this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      for (const key of keys) if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
