import type { FanOut } from "../wire/fan-out.ts";

/** How long after the feed began a channel may still be late. */
const lateness = 30_000;
const mostPerTopic = 100;
const mostTopics = 1000;

interface Entry {
  id: string;
  message: FanOut;
}

/**
 * What the feed brings at its beginning from before it, when nobody can have joined yet: a stack that was killed
 * and comes back streams what it had not delivered, and its clients join a moment later. Each gets it as it joins.
 */
export class Backlog {
  readonly #topics = new Map<string, Entry[]>();
  readonly #startedAt: number;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#startedAt = now();
  }

  /** @param committedAt milliseconds since 1970 */
  keep(topic: string, committedAt: number, entry: Entry): void {
    if (!this.takes(committedAt)) return;
    const entries = this.#topics.get(topic) ?? [];
    if (entries.length === 0 && this.#topics.size >= mostTopics) return;
    entries.push(entry);
    if (entries.length > mostPerTopic) entries.shift();
    this.#topics.set(topic, entries);
  }

  /** Whether what was committed then is worth keeping: milliseconds since 1970. */
  takes(committedAt: number): boolean {
    const isEarlier = committedAt < this.#startedAt && committedAt > this.#startedAt - lateness;
    return isEarlier && !this.#isOver();
  }

  of(topic: string): Entry[] {
    return this.#isOver() ? [] : (this.#topics.get(topic) ?? []);
  }

  #isOver(): boolean {
    if (this.#now() < this.#startedAt + lateness) return false;
    this.#topics.clear();
    return true;
  }
}
