import type { Connection } from "../connect.ts";
import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import type { Surroundings } from "../retry/around.ts";
import type { Intent, Keeper } from "../rows/keeper.ts";
import type { Thing } from "./entry.ts";
import type { Manager } from "./manager.ts";
import type { OfflineOptions, Outbox, OutboxChange } from "./types.ts";

/** Rows that a change can be based on without a network. */
const MOST_SEEN = 2000;

export interface Offline {
  keeper: Keeper;
  outbox: Outbox;
  close(): Promise<void>;
}

type Listener = (change: OutboxChange) => void;

/** The outbox of a client; what does the work loads by itself, and not at all for clients without one. */
export function offlineOn(connection: Connection, options: OfflineOptions, around?: Surroundings): Offline {
  const { vault } = connection;
  if (!vault) throw invalid("createTrackIt", "offline", options, "a client made from url and key");
  const listeners = new Set<Listener>();
  const seen = new Map<string, Thing>();
  const tell = (change: OutboxChange): void => {
    for (const listener of listeners) setTimeout(() => listeners.has(listener) && listener(change));
  };
  const known = (intent: Intent): Thing | null =>
    "id" in intent ? (seen.get(`${intent.table}/${intent.id}`) ?? null) : null;
  let manager: Promise<Manager> | null = null;
  const load = (): Promise<Manager> => {
    manager ??= import("./manager.ts").then(
      (loaded) =>
        new loaded.Manager({ connection, vault, options, tell, known, remember: rememberAll, around }),
      (cause: unknown) => {
        manager = null; // a page that went offline while it loaded may have it later
        throw new TrackItError("NETWORK_OFFLINE", "offline: the outbox could not be loaded", { cause });
      },
    );
    return manager;
  };
  load().catch(() => {});
  const ask = async <Answer>(work: (manager: Manager) => Promise<Answer>): Promise<Answer> =>
    work(await load());
  const rememberAll = (rows: readonly Thing[]): void => {
    for (const row of rows) remember("goalId" in row ? "tasks" : "goals", row);
  };
  const remember = (table: string, row: Thing): void => {
    const key = `${table}/${row.id}`;
    seen.delete(key);
    seen.set(key, row);
    if (seen.size > MOST_SEEN) seen.delete(seen.keys().next().value ?? "");
  };
  const stop = whenToTry(
    connection,
    () => seen.clear(),
    () => void ask((one) => one.wake()).catch(() => {}),
  );
  return {
    keeper: {
      write: (intent, call) => ask((one) => one.write(intent, call)),
      seen: (table, row) => remember(table, row as Thing),
      wipe: (userId) => ask((one) => one.wipe(userId)),
    },
    outbox: {
      pending: () => ask((one) => one.pending()),
      failed: () => ask((one) => one.failed()),
      retry: (id) => ask((one) => one.retry(id)),
      cancel: (id) => ask((one) => one.cancel(id)),
      flush: ({ signal } = {}) => ask((one) => one.flush(signal)),
      on: (event, listener) => listen(listeners, event, listener),
    },
    close: async () => {
      stop();
      listeners.clear();
      await ask((one) => one.close());
    },
  };
}

/** Signing in, the network and the page coming back are occasions to send; another user has seen other rows. */
function whenToTry({ client }: Connection, forget: () => void, wake: () => void): () => void {
  let user: string | null = null;
  const { data } = client.auth.onAuthStateChange((_event, session) => {
    const now = session?.user.id ?? null;
    if (user !== null && user !== now) forget();
    user = now;
    if (now !== null) setTimeout(wake); // not within the auth client's lock
  });
  const page = typeof document === "undefined" ? null : document;
  const onView = (): void => {
    if (page?.visibilityState === "visible") wake();
  };
  if (page) globalThis.addEventListener("online", wake);
  page?.addEventListener("visibilitychange", onView);
  return () => {
    data.subscription.unsubscribe();
    if (page) globalThis.removeEventListener("online", wake);
    page?.removeEventListener("visibilitychange", onView);
  };
}

function listen(listeners: Set<Listener>, event: string, listener: Listener): () => void {
  if (event !== "change") throw invalid("outbox.on", "event", event, '"change"');
  const own: Listener = (change) => listener(change);
  listeners.add(own);
  return () => void listeners.delete(own);
}

/** Of a client without `offline`: nothing is ever kept. */
export const emptyOutbox: Outbox = {
  pending: async () => [],
  failed: async () => [],
  retry: async (id) => {
    throw invalid("outbox.retry", "id", id, "a client made with `offline`");
  },
  cancel: async (id) => {
    throw invalid("outbox.cancel", "id", id, "a client made with `offline`");
  },
  flush: async () => ({ pending: 0, failed: 0 }),
  on: (event, listener) => listen(new Set(), event, listener),
};
