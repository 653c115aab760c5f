import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { SessionVault } from "./auth/vault.ts";
import { invalid } from "./failure/invalid.ts";
import type { Live } from "./live/index.ts";
import type { Keeper } from "./rows/keeper.ts";
import type { Database } from "./schema/database.types.ts";
import type { AppClient, TrackItOptions } from "./trackit.ts";
import { fetchWithin } from "./transport/fetch.ts";
import { LazyWebSocket } from "./transport/websocket.ts";

/** What every noun works with. `vault` is null where the app brought its own client, and with it its own storage. */
export interface Connection {
  client: SupabaseClient<Database>;
  vault: SessionVault | null;
  /** Null where writes are not kept for later. */
  keeper: Keeper | null;
  /** Null where nothing can be watched, as with accounts alone. */
  live: Live | null;
  /** WebCrypto that the app has brought; undefined for the runtime's. */
  crypto?: Crypto | undefined;
  /** A fetch of the app's own, without a limit of time: a part of a file takes as long as it takes. */
  send: typeof fetch | null;
  /** What is to be done while there is a session still. @returns Deletes what is kept on this device, if it is to be. */
  leaving: ((how: Leaving) => Promise<(() => Promise<void>) | null>) | null;
}

/** How somebody signs out on this device. */
export interface Leaving {
  /** Their device ends with it. */
  wipe: boolean;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** The address of one part, as a dashboard shows it beside the project's. */
const PART = /\/(auth|rest|storage|realtime|functions)\/v1\/?$/;

/** Wires a Supabase client from options, or takes one that the app has made. */
export function connect(source: TrackItOptions | AppClient): Connection {
  if (!isOptions(source))
    return {
      client: source as SupabaseClient<Database>,
      vault: null,
      keeper: null,
      live: null,
      send: ownFetch(source),
      leaving: null,
    };
  const { url, key, remember = "device", storage, timeout = DEFAULT_TIMEOUT_MS } = source;
  const address = readUrl(url);
  checkKey(key);
  const name = `trackit-${address.host}${address.pathname.replace(/\/$/, "")}`;
  const vault = new SessionVault({ name, fallback: remember, ...storage });
  const client = createClient<Database>(url, key, {
    auth: { storage: vault, storageKey: vault.tabKey, detectSessionInUrl: false },
    global: { fetch: fetchWithin(timeout, source.fetch) },
    ...(typeof WebSocket === "undefined" ? { realtime: { transport: LazyWebSocket } } : {}),
  });
  const { crypto, fetch: send = null } = source;
  return { client, vault, keeper: null, live: null, crypto, send, leaving: null };
}

/** The client's own way to Storage, where it is one that the app has given it; it adds the key and the token, too. */
function ownFetch(client: AppClient): typeof fetch | null {
  const found: unknown = Reflect.get(client, "fetch");
  return typeof found === "function" ? (found as typeof fetch) : null;
}

function isOptions(source: TrackItOptions | AppClient): source is TrackItOptions {
  // Not by instanceof: a client may come from another copy of supabase-js.
  return !("from" in source && "auth" in source);
}

function readUrl(url: string): URL {
  try {
    const address = new URL(url);
    if (/^https?:$/.test(address.protocol) && !PART.test(address.pathname)) return address;
  } catch {
    // told below
  }
  throw invalid("createTrackIt", "url", url, "a project's address such as https://<ref>.supabase.co");
}

function checkKey(key: unknown): void {
  if (typeof key !== "string" || key === "") throw invalid("createTrackIt", "key", "", "the publishable key");
  // Whoever opens a page can read its key, and this one passes every policy.
  if (key.startsWith("sb_secret_") && typeof document !== "undefined")
    throw invalid(
      "createTrackIt",
      "key",
      "sb_secret_…",
      "the publishable key: a page shows its key to everybody",
    );
}
