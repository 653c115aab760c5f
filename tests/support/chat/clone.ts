import type { Bytes } from "../../../sdk/src/crypto/bytes/index.ts";
import { keystoreOn } from "../../../sdk/src/store/keys/engine.ts";
import { apply, listOf, memoryShelf } from "../../../sdk/src/store/keys/memory.ts";
import { holds, type Shelf } from "../../../sdk/src/store/keys/shelf.ts";
import type { Keystore } from "../../../sdk/src/store/keys/types.ts";

export interface CopiedKeystore {
  keystore: Keystore;
  /** The same keys with what is kept now, as from a backup of the disk: from here on the two know nothing of each other. */
  copy(): Keystore;
}

/** A keystore in memory that can be copied, as the files of one can. */
export function copiedKeystore(name: string): CopiedKeystore {
  const values = new Map<string, Bytes>();
  const origin = memoryShelf(values);
  return {
    keystore: keystoreOn(origin, name, "memory"),
    copy: () => keystoreOn(copyOf(origin, new Map(values)), name, "memory"),
  };
}

const copyOf = (origin: Shelf, values: Map<string, Bytes>): Shelf => ({
  seal: () => origin.seal(),
  device: (id) => origin.device(id),
  makeDevice: (id, instead) => origin.makeDevice(id, instead),
  read: async (_, keys) => keys.map((key) => values.get(key) ?? null),
  list: async (_, prefix) => listOf(values, prefix),
  batch: async (_, changes, guards) => {
    if (!guards.every(([key, value]) => holds(values.get(key) ?? null, value))) return false;
    for (const change of changes) apply(values, change);
    return true;
  },
  wipe: async () => values.clear(),
  close: async () => {},
});
