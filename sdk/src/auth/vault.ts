import { memoryStore } from "../store/memory.ts";
import type { KeyValue } from "../store/types.ts";
import { webStore } from "../store/web.ts";
import type { Remember } from "./types.ts";

export interface VaultOptions {
  /** Names this project's entries, so that two projects on one origin stay apart. */
  name: string;
  fallback: Remember;
  device?: KeyValue | undefined;
  tab?: KeyValue | undefined;
}

/**
 * Where a session is kept. The auth client sees one storage; behind it stand the device, the tab and memory, and
 * exactly one of them is read and written. A tab that has chosen for itself keeps to that after a reload and after
 * signing out, so that it never falls back to the session of somebody else who uses the same device.
 */
export class SessionVault {
  /**
   * The storage key given to the auth client, different in each tab: it names a broadcast channel between tabs,
   * over which one tab would otherwise hear of sessions that another keeps to itself.
   */
  readonly tabKey: string;
  readonly name: string;
  readonly #places: Record<Remember, KeyValue>;
  readonly #fallback: Remember;
  #pending: Remember | null = null;

  constructor({ name, fallback, device, tab }: VaultOptions) {
    this.name = name;
    this.tabKey = `${name}#${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
    this.#fallback = fallback;
    this.#places = {
      device: device ?? webStore("localStorage"),
      tab: tab ?? webStore("sessionStorage"),
      never: memoryStore(),
    };
  }

  async getItem(key: string): Promise<string | null> {
    return (await this.#place()).get(this.#entry(key));
  }

  async setItem(key: string, value: string): Promise<void> {
    if (this.#pending && key === this.tabKey) await this.#switch(this.#pending, value);
    await (await this.#place()).set(this.#entry(key), value);
  }

  async removeItem(key: string): Promise<void> {
    await (await this.#place()).remove(this.#entry(key));
  }

  /** Whose session is kept, without asking anybody. */
  async user(): Promise<string | null> {
    return userIn(await this.getItem(this.tabKey));
  }

  /** Where sessions go when nothing else has been said. */
  get fallback(): Remember {
    return this.#fallback;
  }

  /**
   * Runs a sign-in whose session, if it comes, is written to `choice` from the first byte; without one, to where
   * this tab has chosen before.
   */
  async signingIn<T>(choice: Remember | undefined, signIn: () => Promise<T>): Promise<T> {
    this.#pending = choice ?? (await this.#chosen()) ?? this.#fallback;
    try {
      return await signIn();
    } finally {
      this.#pending = null;
    }
  }

  /** Moves what is kept to another place. */
  async move(choice: Remember): Promise<void> {
    const from = await this.choice();
    if (from === choice) return;
    const session = await this.#places[from].get(this.name);
    if (session !== null) await this.#places[choice].set(this.name, session);
    await this.#places.tab.set(this.#marker, choice);
    await this.#places[from].remove(this.name);
  }

  async choice(): Promise<Remember> {
    const chosen = await this.#chosen();
    if (chosen) return chosen;
    return (await this.#places.device.get(this.name)) === null ? this.#fallback : "device";
  }

  async #chosen(): Promise<Remember | null> {
    const chosen = await this.#places.tab.get(this.#marker);
    return chosen === "device" || chosen === "tab" || chosen === "never" ? chosen : null;
  }

  async #place(): Promise<KeyValue> {
    return this.#places[await this.choice()];
  }

  /** Somebody who asks not to be remembered must not stay remembered from before; another user's session stays. */
  async #switch(choice: Remember, session: string): Promise<void> {
    this.#pending = null;
    const before = await this.choice();
    const old = before === choice ? null : await this.#places[before].get(this.name);
    if (old !== null && userIn(old) === userIn(session)) await this.#places[before].remove(this.name);
    await this.#places.tab.set(this.#marker, choice);
  }

  get #marker(): string {
    return `${this.name}-remember`;
  }

  #entry(key: string): string {
    return key.startsWith(this.tabKey) ? this.name + key.slice(this.tabKey.length) : key;
  }
}

/** Whose session a kept text is. */
export function userIn(session: string | null): string | null {
  if (session === null) return null;
  try {
    const parsed: { user?: { id?: string } } = JSON.parse(session);
    return parsed.user?.id ?? null;
  } catch {
    return null;
  }
}
