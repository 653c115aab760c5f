import type { TrackItError } from "../errors.ts";
import type { Surroundings } from "../retry/around.ts";
import { backoff } from "../retry/backoff.ts";
import { isPassing } from "../retry/passing.ts";

export interface SearchParts {
  around: Surroundings;
  signal: AbortSignal;
  /** Which of these the server finds. */
  find(ids: readonly string[]): Promise<string[]>;
  /** These may be looked at again. */
  settled(ids: readonly string[]): void;
  failed(error: TrackItError): void;
}

/** Ids travel in the address, which servers cut at about 8,000 characters. */
const AT_ONCE = 100;

/** Words are found by the database alone, which folds accents and letter case: it is asked about rows that changed. */
export class Search {
  readonly #parts: SearchParts;
  #found = new Set<string>();
  /** To be asked about, and being asked about. */
  readonly #open = new Set<string>();
  readonly #asked = new Set<string>();
  #asking = false;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  /** What the list has found. */
  begin(ids: Iterable<string>): void {
    this.#found = new Set(ids);
    this.#open.clear();
  }

  finds(id: string): boolean {
    return this.#found.has(id);
  }

  /** Whether the answer for a row is still awaited. */
  isOpen(id: string): boolean {
    return this.#open.has(id) || this.#asked.has(id);
  }

  /** Asks about rows, and says when there is an answer; a row that changes meanwhile is asked about again. */
  ask(ids: Iterable<string>): void {
    for (const id of ids) this.#open.add(id);
    if (!this.#asking) void this.#askAll();
  }

  async askNow(ids: Iterable<string>): Promise<void> {
    const all = [...ids];
    for (let at = 0; at < all.length; at += AT_ONCE) await this.#askAbout(all.slice(at, at + AT_ONCE));
  }

  async #askAll(): Promise<void> {
    const { around, signal, settled, failed } = this.#parts;
    this.#asking = true;
    for (let tries = 0; this.#open.size > 0 && !signal.aborted; ) {
      const some = [...this.#open].slice(0, AT_ONCE);
      for (const id of some) {
        this.#open.delete(id);
        this.#asked.add(id);
      }
      try {
        await this.#askAbout(some);
        this.#asked.clear();
        settled(some);
        tries = 0;
      } catch (error) {
        this.#asked.clear();
        for (const id of some) this.#open.add(id);
        if (signal.aborted) break;
        if (!isPassing(error)) {
          failed(error as TrackItError);
          break;
        }
        tries += 1;
        await around.wait(backoff(tries, around.random), signal);
      }
    }
    this.#asking = false;
  }

  async #askAbout(ids: readonly string[]): Promise<void> {
    const found = new Set(await this.#parts.find(ids));
    for (const id of ids) {
      if (found.has(id)) this.#found.add(id);
      else this.#found.delete(id);
    }
  }
}
