import { invalid } from "../failure/invalid.ts";
import { told } from "./told.ts";
import type { ConnectionState, LiveConnection } from "./types.ts";

/** The state that an app sees, whether there is an engine or not. */
export class Connectivity implements LiveConnection {
  #state: ConnectionState = "idle";
  readonly #listeners = new Set<(state: ConnectionState) => void>();

  get state(): ConnectionState {
    return this.#state;
  }

  set(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) told(() => listener(state));
  }

  on(event: "change", listener: (state: ConnectionState) => void): () => void {
    if (event !== "change") throw invalid("connection.on", "event", event, '"change"');
    const own = (state: ConnectionState): void => listener(state);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}
