import type { Store, StoreChange } from "../store/types.ts";
import type { Entry } from "./entry.ts";

/** Raised by every change, so that tabs see each other's; readable, for it says nothing but how many there were. */
const REVISION = "#revision";
const WRITES = "write/";
/** Where counting begins, at random: after a wipe no tab may take new writes for those that it remembers. */
const START = 2 ** 40;

/** What a change of the ledger puts in, takes out, and answers. */
export interface Decision<Answer> {
  put?: readonly Entry[];
  drop?: readonly Entry[];
  answer: Answer;
}

/** The kept writes of one user, in their order, as all tabs of a browser share them. */
export class Ledger {
  readonly #store: Store;
  #revision: string | null | undefined;
  #entries: readonly Entry[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** All writes that are kept, oldest first. */
  async read(): Promise<readonly Entry[]> {
    for (;;) {
      const revision = await this.#store.get(REVISION);
      if (revision === this.#revision) return this.#entries;
      const found = await this.#store.list(WRITES);
      // Another tab may have written between the two.
      if ((await this.#store.get(REVISION)) !== revision) continue;
      this.#entries = found.map(([, text]) => JSON.parse(text) as Entry);
      this.#revision = revision;
    }
  }

  /**
   * Changes what is kept, as one step for all tabs: `decide` is asked again when another was faster.
   *
   * @param decide Gets the entries and the number for the next one.
   */
  async change<Answer>(
    decide: (entries: readonly Entry[], next: number) => Decision<Answer>,
  ): Promise<Answer> {
    for (;;) {
      const entries = await this.read();
      const revision = this.#revision ?? null;
      const next = Number(revision ?? Math.floor(Math.random() * START)) + 1;
      const { put = [], drop = [], answer } = decide(entries, next);
      if (put.length + drop.length === 0) return answer;
      const changes: StoreChange[] = [
        ...drop.map((entry) => ({ key: placeOf(entry), value: null })),
        ...put.map((entry) => ({ key: placeOf(entry), value: JSON.stringify(entry) })),
        { key: REVISION, value: String(next) },
      ];
      if (!(await this.#store.batch(changes, { key: REVISION, value: revision }))) continue;
      this.#entries = merged(entries, put, drop);
      this.#revision = String(next);
      return answer;
    }
  }
}

function merged(entries: readonly Entry[], put: readonly Entry[], drop: readonly Entry[]): Entry[] {
  const gone = new Set([...put, ...drop].map(({ seq }) => seq));
  return [...entries.filter(({ seq }) => !gone.has(seq)), ...put].sort((a, b) => a.seq - b.seq);
}

function placeOf({ seq }: Entry): string {
  return WRITES + String(seq).padStart(16, "0");
}
