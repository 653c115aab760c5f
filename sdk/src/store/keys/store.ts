import type { Store } from "../types.ts";
import type { Keystore } from "./types.ts";

/**
 * The records of a keystore as a store of texts: for the outbox (`offline: { storage }`), an index, an archive, under
 * the same seal.
 *
 * @param prefix what its records' names begin with, so that several stores stand in one keystore.
 * @example
 * ```ts
 * import { openKeystore, storeOn } from "@trackit/sdk/keystore";
 *
 * const storage = async (name: string) => storeOn(await openKeystore(name), "outbox/");
 * const mobile = createTrackIt({ url, key, offline: { storage } });
 * ```
 */
export function storeOn(keystore: Keystore, prefix: string): Store {
  const toBytes = (text: string | null) => (text === null ? null : new TextEncoder().encode(text));
  const record = (key: string, value: string | null) => ({ record: prefix + key, value: toBytes(value) });
  return {
    get: async (key) => {
      const bytes = await keystore.get(prefix + key);
      return bytes && new TextDecoder().decode(bytes);
    },
    list: async (start) => {
      const found = await keystore.list(prefix + start);
      return found.map(([name, bytes]) => [name.slice(prefix.length), new TextDecoder().decode(bytes)]);
    },
    batch: (changes, guard) =>
      keystore.batch(
        changes.map(({ key, value }) => record(key, value)),
        guard ? [record(guard.key, guard.value)] : [],
      ),
    wipe: async () => {
      const found = await keystore.list(prefix);
      await keystore.batch(found.map(([name]) => ({ record: name, value: null })));
    },
    close: () => keystore.close(),
  };
}
