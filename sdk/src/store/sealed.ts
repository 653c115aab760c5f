import { TrackItError } from "../errors.ts";
import type { Store, StoreChange } from "./types.ts";

/** Keys that begin so stay readable: counters and locks, which are compared as they stand. */
export const OPEN = "#";

/**
 * 96 random bits for every value, as NIST SP 800-38D §8.2.2 allows; §8.3 bounds that to 2^32 values under one key,
 * which a device does not write in its life.
 */
const NONCE_BYTES = 12;
const ALGORITHM = "AES-GCM";

/** @throws CRYPTO_INSECURE_CONTEXT where the page was served by plain http, which has no `crypto.subtle`. */
export async function makeSealKey(): Promise<CryptoKey> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new TrackItError(
      "CRYPTO_INSECURE_CONTEXT",
      "offline: this page has no crypto.subtle to seal with",
      {
        hint: "Serve the app by https or from localhost, or accept readable data: offline: { seal: false }",
      },
    );
  }
  return crypto.subtle.generateKey({ name: ALGORITHM, length: 256 }, false, ["encrypt", "decrypt"]);
}

/**
 * A store whose values only the key opens. Each is bound to its place (`context` and its own key), so that values
 * cannot be exchanged for one another.
 *
 * @throws CRYPTO_UNREADABLE from `get` and `list` for a value that the key does not open.
 */
export function sealedStore(store: Store, key: CryptoKey, context: string): Store {
  const seal = async (change: StoreChange): Promise<StoreChange> =>
    change.value === null || change.key.startsWith(OPEN)
      ? change
      : { key: change.key, value: await sealText(change.value, key, place(context, change.key)) };
  const unseal = (name: string, value: string): Promise<string> =>
    name.startsWith(OPEN) ? Promise.resolve(value) : openText(value, key, place(context, name));
  return {
    ...store,
    get: async (name) => {
      const value = await store.get(name);
      return value === null ? null : unseal(name, value);
    },
    list: async (prefix) => {
      const found = await store.list(prefix);
      return Promise.all(
        found.map(async ([name, value]): Promise<[string, string]> => [name, await unseal(name, value)]),
      );
    },
    batch: async (changes, guard) => {
      if (guard && !guard.key.startsWith(OPEN)) {
        throw new TrackItError(
          "USAGE_STORAGE",
          `store: a guard stands on ${guard.key}, wanted a key with "#"`,
        );
      }
      return store.batch(await Promise.all(changes.map(seal)), guard);
    },
  };
}

function place(context: string, key: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify([context, key]));
}

async function sealText(
  text: string,
  key: CryptoKey,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const plain = new TextEncoder().encode(text);
  const sealed = await crypto.subtle.encrypt({ name: ALGORITHM, iv, additionalData }, key, plain);
  return toText(iv) + toText(new Uint8Array(sealed));
}

async function openText(
  text: string,
  key: CryptoKey,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<string> {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const [iv, sealed] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)];
    const plain = await crypto.subtle.decrypt({ name: ALGORITHM, iv, additionalData }, key, sealed);
    return new TextDecoder().decode(plain);
  } catch {
    // Why is nobody's business: a wrong key and a changed text look alike.
    throw new TrackItError("CRYPTO_UNREADABLE", "offline: what is kept on this device cannot be opened", {
      hint: "auth.signOut({ local: 'wipe' }) deletes it",
    });
  }
}

/** Base64; the nonce fills whole groups of it, so that both parts read back as one text. */
function toText(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
}
