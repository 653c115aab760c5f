import type { Bytes } from "../../crypto/bytes/index.ts";
import { inPassing } from "./passing.ts";
import { Remote } from "./remote.ts";
import { needSubtle } from "./seal.ts";
import type { Keystore, SecretsUse } from "./types.ts";

export interface BrowserOptions {
  /**
   * Starts the worker (`dist/keystore-worker.js`), for bundlers that do not see it; null does without one.
   */
  worker?: (() => Worker) | null | undefined;
  /** Asks the browser not to clear this site's data when its disk is full; yes when left out. */
  persist?: boolean | undefined;
}

/**
 * The browser's keystore of one project and user. Where a worker cannot be started (an old bundler, a policy), the
 * same code runs in the page: the keys are as little extractable, but a script that gets into the page can use
 * them without going through the worker's calls. `place` tells.
 *
 * @param name project and user; two of them never see each other's.
 * @throws CRYPTO_INSECURE_CONTEXT on a page served by plain http; USAGE_STORAGE where the browser keeps no data.
 */
export async function browserKeystore(
  name: string,
  { worker = startWorker, persist = true }: BrowserOptions = {},
): Promise<Keystore> {
  needSubtle();
  // A wish: what the browser answers changes nothing here.
  if (persist) void navigator.storage?.persist?.().catch(() => {});
  const remote = worker && (await begun(new Remote(name, worker)));
  const keystore = remote ? keystoreAt(remote) : (await import("./page.ts")).pageKeystore(name);
  await keystore.device();
  return keystore;
}

async function begun(remote: Remote): Promise<Remote | null> {
  try {
    await remote.begin();
    return remote;
  } catch {
    remote.close();
    return null;
  }
}

/** A policy of Trusted Types has to name this where the page has one: `trusted-types trackit-keystore`. */
const POLICY = "trackit-keystore";

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string;
  };
}

let trusted: ((url: string) => string) | null = null;

function startWorker(): Worker {
  // Bundlers find the file by this very expression.
  const { href } = new URL("./keystore-worker.js", import.meta.url);
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes && !trusted) {
    const policy = trustedTypes.createPolicy(POLICY, { createScriptURL: only(href) });
    trusted = (url) => policy.createScriptURL(url);
  }
  return new Worker(trusted ? trusted(href) : href, { type: "module", name: "trackit-keystore" });
}

/** The policy vouches for one address. */
function only(wanted: string): (url: string) => string {
  return (url) => {
    if (url === wanted) return url;
    throw new TypeError(`${POLICY}: ${url} is not the keystore's worker`);
  };
}

function keystoreAt(remote: Remote): Keystore {
  return {
    place: "worker",
    device: () => remote.call("device"),
    generate: (options) => remote.call("generate", options),
    sign: (tag, objectHash, signerId) => remote.call("sign", tag, objectHash, signerId),
    unwrap: (id, wrapped, label) => remote.call("unwrap", id, wrapped, label),
    makeSecret: (id) => remote.call("makeSecret", id),
    sealSecret: (id, bytes) => remote.call("sealSecret", id, bytes),
    wrap: (id, sealed, recipients) => remote.call("wrap", id, sealed, recipients),
    secret: (id) => remote.call("secret", id),
    secrets: (prefix) => remote.call("secrets", prefix),
    async withSecrets<Answer>(ids: readonly string[], use: SecretsUse<Answer>) {
      return inPassing(await remote.call("openSecrets", ids), use);
    },
    pin: (name) => remote.call("pin", name),
    get: (name) => remote.call("get", name),
    list: (prefix) => remote.call("list", prefix),
    batch: (changes, guards) => remote.call("batch", changes, guards),
    seal: (place, value): Promise<Bytes> => remote.call("seal", place, value),
    open: (place, sealed): Promise<Bytes> => remote.call("open", place, sealed),
    wipe: () => remote.call("wipe"),
    close: async () => remote.close(),
  };
}
