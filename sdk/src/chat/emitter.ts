import { told } from "../live/told.ts";

/** Listeners by event; what one of them throws costs the others nothing. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  on<Event extends keyof Events>(event: Event, listener: (payload: Events[Event]) => void): () => void {
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all);
    const own = (payload: Events[Event]): void => listener(payload);
    all.add(own as (payload: never) => void);
    return () => void all.delete(own as (payload: never) => void);
  }

  emit<Event extends keyof Events>(event: Event, payload: Events[Event]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])])
      told(() => (listener as (payload: Events[Event]) => void)(payload));
  }

  get size(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
