type Bytes = Uint8Array<ArrayBuffer>;
type Values = ReadonlyMap<string, Bytes>;

/**
 * Values that are written whole, in order. Changes that come while one is being written go together in the next; a
 * change is done when it has been written, and a write that fails takes back everything that stood on it.
 */
export class Line {
  readonly #write: (values: Values) => Promise<void>;
  #written: Values;
  /** What is written and what waits; the same as `#written` when nothing does. */
  #staged: Values;
  #next: Promise<void> | null = null;
  #now: Promise<void> = Promise.resolve();
  /** The last failure, new each time: a write that waited during it stands on what was taken back. */
  #failure: { cause: unknown } | null = null;

  constructor(values: Values, write: (values: Values) => Promise<void>) {
    this.#written = this.#staged = values;
    this.#write = write;
  }

  /** The values, when nothing waits any more: never what a power cut could take back. */
  async settled(): Promise<Values> {
    while (this.#staged !== this.#written) await (this.#next ?? this.#now).catch(() => {});
    return this.#written;
  }

  /** @param work changes a copy; false leaves all as it was. */
  async change(work: (values: Map<string, Bytes>) => boolean): Promise<boolean> {
    const copy = new Map(this.#staged);
    const basis = this.#next ?? this.#now;
    if (!work(copy)) {
      // Refused because of a change that may itself be taken back: answered when that is decided.
      await basis.catch(() => {});
      return false;
    }
    this.#staged = copy;
    this.#next ??= this.#later();
    await this.#next;
    return true;
  }

  /** Forgets everything; `remove` does so on the disk. */
  async clear(remove: () => Promise<void>): Promise<void> {
    await this.settled();
    await remove();
    this.#written = this.#staged = new Map();
  }

  async #later(): Promise<void> {
    const before = this.#failure;
    await this.#now.catch(() => {});
    if (this.#failure !== before) throw this.#failure?.cause;
    // From here on changes go into the write after this one.
    const values = this.#staged;
    this.#now = this.#next ?? this.#now;
    this.#next = null;
    try {
      await this.#write(values);
      this.#written = values;
    } catch (cause) {
      this.#failure = { cause };
      this.#staged = this.#written;
      this.#next = null;
      throw cause;
    }
  }
}
