import type { FanOut } from "../wire/fan-out.ts";

const mostPerTopic = 100;
const mostTopics = 1000;

interface Entry {
  id: string;
  message: FanOut;
}

/** A channel, by itself and by whom it belongs to: one that comes back is another channel of the same person. */
export interface Seat {
  readonly who: string;
}

/**
 * What the feed brings at its beginning from before it, when nobody can have joined yet: a stack that was killed
 * and comes back streams what it had not delivered, and its clients join a moment later. Each gets it as it joins,
 * and not again when it loses its connection and joins anew.
 */
export class Backlog {
  readonly #topics = new Map<string, Entry[]>();
  /** Ids that a channel was told. */
  #told = new WeakMap<Seat, Set<string>>();
  /** Of channels that have closed, for those that take their place. */
  readonly #left = new Map<string, Set<string>[]>();
  readonly #lateness: number;
  readonly #startedAt: number;
  readonly #now: () => number;

  /** @param lateness how long after the feed began a channel may still be late, in milliseconds */
  constructor(lateness: number, now: () => number = Date.now) {
    this.#lateness = lateness;
    this.#now = now;
    this.#startedAt = now();
  }

  /**
   * @param committedAt milliseconds since 1970
   * @param seats who has been told already
   */
  keep(topic: string, committedAt: number, entry: Entry, seats: Seat[]): void {
    if (!this.takes(committedAt)) return;
    const entries = this.#topics.get(topic) ?? [];
    if (entries.length === 0 && this.#topics.size >= mostTopics) return;
    entries.push(entry);
    if (entries.length > mostPerTopic) entries.shift();
    this.#topics.set(topic, entries);
    for (const seat of seats) this.#toldTo(seat).add(entry.id);
  }

  /** Whether what was committed then is worth keeping: milliseconds since 1970. */
  takes(committedAt: number): boolean {
    const isEarlier = committedAt < this.#startedAt && committedAt > this.#startedAt - this.#lateness;
    return isEarlier && !this.#isOver();
  }

  /** What a channel that joins has not been told yet, and is told now. */
  take(topic: string, seat: Seat): Entry[] {
    const entries = this.#isOver() ? [] : (this.#topics.get(topic) ?? []);
    if (entries.length === 0) return [];
    const told = this.#toldTo(seat);
    for (const id of this.#left.get(keyOf(topic, seat))?.pop() ?? []) told.add(id);
    const fresh = entries.filter(({ id }) => !told.has(id));
    for (const { id } of fresh) told.add(id);
    return fresh;
  }

  /** A channel has closed; the next one of the same person takes its place. */
  leave(topic: string, seat: Seat): void {
    const told = this.#told.get(seat);
    if (!told || this.#isOver()) return;
    const key = keyOf(topic, seat);
    this.#left.set(key, [...(this.#left.get(key) ?? []), told]);
  }

  #toldTo(seat: Seat): Set<string> {
    const told = this.#told.get(seat) ?? new Set();
    this.#told.set(seat, told);
    return told;
  }

  #isOver(): boolean {
    if (this.#now() < this.#startedAt + this.#lateness) return false;
    this.#topics.clear();
    this.#left.clear();
    this.#told = new WeakMap();
    return true;
  }
}

const keyOf = (topic: string, { who }: Seat) => JSON.stringify([topic, who]);
