import type { SessionVault } from "../auth/vault.ts";
import type { Connection } from "../connect.ts";
import { isTrackItError, TrackItError } from "../errors.ts";
import { throwIfAborted } from "../failure/network.ts";
import { real, type Surroundings } from "../retry/around.ts";
import type { Intent, KeptCall } from "../rows/keeper.ts";
import { openIndexedDb } from "../store/indexed-db.ts";
import { lockFor } from "../store/lock.ts";
import { memoryDatabase } from "../store/memory-store.ts";
import type { Store } from "../store/types.ts";
import { Engine } from "./engine.ts";
import { shownFailed, shownPending, type Thing } from "./entry.ts";
import { Ledger } from "./ledger.ts";
import { Line } from "./line.ts";
import { keysOf } from "./order.ts";
import { Runner } from "./runner.ts";
import { type Send, sendOver, verdictOn } from "./send.ts";
import type { FailedWrite, FlushReport, OfflineOptions, OutboxChange, PendingWrite } from "./types.ts";

const MOST = 1000;

interface Desk {
  engine: Engine;
  runner: Runner;
  store: Store;
  channel: BroadcastChannel | null;
}

export interface ManagerParts {
  connection: Connection;
  vault: SessionVault;
  options: OfflineOptions;
  tell(change: OutboxChange): void;
  /** Rows as the server has given them, for later changes. */
  remember(rows: readonly Thing[]): void;
  /** The row as this tab last saw it. */
  known(intent: Intent): Thing | null;
  around?: Surroundings | undefined;
}

/** The kept writes of whoever is signed in; each user of this device has a database of their own. */
export class Manager {
  readonly #parts: ManagerParts;
  readonly #send: Send;
  readonly #around: Surroundings;
  readonly #desks = new Map<string, Promise<Desk>>();
  readonly #line = new Line();
  #closed = false;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
    this.#send = sendOver(parts.connection);
    this.#around = parts.around ?? real;
  }

  async write(intent: Intent, call: KeptCall): Promise<Thing[]> {
    throwIfAborted(call.signal, call.action);
    const user = await this.#parts.vault.user();
    if (user === null) return this.#direct(intent, call);
    const { writes } = keysOf(intent, null);
    return this.#line.run(writes, () => this.#inTurn(user, intent, call));
  }

  async pending(): Promise<PendingWrite[]> {
    const entries = (await (await this.#desk())?.engine.parts.ledger.read()) ?? [];
    return entries.filter(({ failure }) => failure === null).map(shownPending);
  }

  async failed(): Promise<FailedWrite[]> {
    const entries = (await (await this.#desk())?.engine.parts.ledger.read()) ?? [];
    return entries.flatMap(shownFailed);
  }

  async retry(id: string): Promise<void> {
    const desk = await this.#needed("outbox.retry");
    await desk.engine.retry(id);
    desk.runner.wake();
  }

  async cancel(id: string): Promise<PendingWrite[]> {
    const desk = await this.#needed("outbox.cancel");
    const fallen = await desk.engine.cancel(id);
    desk.runner.wake();
    return fallen.map(shownPending);
  }

  async flush(signal?: AbortSignal): Promise<FlushReport> {
    const desk = await this.#desk();
    return desk ? desk.runner.flush(signal) : { pending: 0, failed: 0 };
  }

  /** Tries to send what waits; storage that fails is told by the calls that need it. */
  async wake(): Promise<void> {
    const desk = await this.#desk().catch(() => null);
    desk?.runner.wake();
  }

  async wipe(user: string): Promise<void> {
    await (await this.#deskOf(user)).store.wipe();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const opening of this.#desks.values()) {
      const desk = await opening.catch(() => null);
      desk?.runner.close();
      desk?.channel?.close();
      await desk?.store.close();
    }
  }

  async #inTurn(user: string, intent: Intent, call: KeptCall): Promise<Thing[]> {
    const desk = await this.#deskOf(user).catch((error: unknown) => error);
    if (!isDesk(desk)) return this.#unkept(intent, call, desk);
    let cause: unknown;
    if (!isOffline(desk) && !(await desk.engine.mustWait(intent))) {
      try {
        return await this.#direct(intent, call);
      } catch (error) {
        if (!isTrackItError(error) || verdictOn(error) !== "offline") throw error;
        cause = error;
      }
    }
    const attempts = cause === undefined ? 0 : 1;
    const rows = await desk.engine.keep(intent, () => this.#parts.known(intent), { ...call, attempts });
    if (rows === null) throw unknown(intent, call.action, cause);
    if (cause !== undefined) desk.runner.down = true;
    desk.runner.ensure();
    return rows;
  }

  /** A device that cannot keep anything is as good as before while there is a network. */
  async #unkept(intent: Intent, call: KeptCall, why: unknown): Promise<Thing[]> {
    try {
      return await this.#direct(intent, call);
    } catch (error) {
      throw isTrackItError(error) && verdictOn(error) === "offline" ? why : error;
    }
  }

  /**
   * Sends as if nothing were ever kept; yet on the version last seen where one is known, so that a copy that the
   * network delivers late finds that version gone and changes nothing.
   */
  async #direct(intent: Intent, { action, version, signal }: KeptCall): Promise<Thing[]> {
    const base = version ?? this.#parts.known(intent)?.version ?? null;
    const rows = await this.#send(intent, {
      ...{ action, base, signal },
      lastWins: version === undefined,
      isRepeated: false,
    });
    this.#parts.remember(rows);
    return rows;
  }

  async #desk(): Promise<Desk | null> {
    const user = await this.#parts.vault.user();
    return user === null ? null : this.#deskOf(user);
  }

  async #needed(action: string): Promise<Desk> {
    const desk = await this.#desk();
    if (desk) return desk;
    throw new TrackItError("AUTH_REQUIRED", `${action}: nobody is signed in`);
  }

  #deskOf(user: string): Promise<Desk> {
    const opened = this.#desks.get(user) ?? this.#open(user);
    this.#desks.set(user, opened);
    // What failed once (a full disk, a refused permission) is tried again by the next call.
    opened.catch(() => this.#desks.delete(user));
    return opened;
  }

  async #open(user: string): Promise<Desk> {
    const { vault, options, tell, remember } = this.#parts;
    const name = `${vault.name}:${user}`;
    const store = await openStore(name, options);
    const channel = typeof document === "undefined" ? null : new BroadcastChannel(name);
    const engine = new Engine({
      userId: user,
      ledger: new Ledger(store),
      lock: lockFor(name, store, this.#around.now),
      send: this.#send,
      isCurrent: async () => (await vault.user()) === user,
      now: this.#around.now,
      max: options.max ?? MOST,
      remember,
      tell: (change) => {
        if (!this.#closed) channel?.postMessage(change);
        tell(change);
      },
    });
    const runner = new Runner(engine, this.#around);
    channel?.addEventListener("message", ({ data }: MessageEvent<OutboxChange>) => {
      if (data.kind === "sent") remember(data.rows);
      tell(data);
      // The tab that keeps it may be closed before it has sent it.
      runner.ensure();
    });
    return { engine, runner, store, channel };
  }
}

function openStore(name: string, { storage, seal = true }: OfflineOptions): Promise<Store> | Store {
  if (storage) return storage(name);
  return typeof indexedDB === "undefined" ? memoryDatabase() : openIndexedDb(name, { seal });
}

function isDesk(desk: unknown): desk is Desk {
  return typeof desk === "object" && desk !== null && "engine" in desk;
}

function isOffline({ runner }: Desk): boolean {
  return runner.down || (typeof navigator !== "undefined" && navigator.onLine === false);
}

function unknown(intent: Intent, action: string, cause: unknown): TrackItError {
  const id = "id" in intent ? intent.id : "";
  return new TrackItError("NETWORK_OFFLINE", `${action}: the server cannot be reached`, {
    cause,
    hint: `Kept are changes of rows that this page has read; ${id} is not one of them`,
  });
}
