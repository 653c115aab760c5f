import { makeDevice } from "./device.ts";
import { keystoreOn } from "./engine.ts";
import { makeSealKey } from "./seal.ts";
import { type Device, type Entry, holds, type Seal, type Shelf, wiped } from "./shelf.ts";
import type { Keystore } from "./types.ts";

/**
 * A keystore that lasts as long as its page or process: for tests, and for sessions that are not remembered.
 *
 * @throws CRYPTO_INSECURE_CONTEXT from its first call.
 */
export function memoryKeystore(context = ""): Keystore {
  return keystoreOn(memoryShelf(), context, "memory");
}

export function memoryShelf(values = new Map<string, Uint8Array<ArrayBuffer>>()): Shelf {
  let seal: Promise<Seal> | null = null;
  let device: Promise<Device> | null = null;
  let current: string | null = null;
  const check = (id: string): void => {
    if (id !== current) throw wiped();
  };
  return {
    seal: () => {
      seal ??= makeSealKey().then((key) => {
        current = crypto.randomUUID();
        return { id: current, key };
      });
      return seal;
    },
    device: async (id) => {
      check(id);
      return device;
    },
    makeDevice: async (id, instead) => {
      check(id);
      const before = device;
      const given = instead && before && holds((await before).public.sign, instead);
      // Another caller may have made one while this one looked.
      if (device === before && (!before || given)) device = makeDevice();
      return device ?? makeDevice();
    },
    read: async (id, keys) => {
      check(id);
      return keys.map((key) => values.get(key) ?? null);
    },
    list: async (id, prefix) => {
      check(id);
      return listOf(values, prefix);
    },
    batch: async (id, changes, guards) => {
      check(id);
      if (!guards.every(([key, value]) => holds(values.get(key) ?? null, value))) return false;
      for (const change of changes) apply(values, change);
      return true;
    },
    wipe: async () => {
      values.clear();
      seal = device = current = null;
    },
    close: async () => {},
  };
}

export function listOf<Value>(values: ReadonlyMap<string, Value>, prefix: string): [string, Value][] {
  return [...values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
}

export function apply(values: Map<string, Uint8Array<ArrayBuffer>>, [key, value]: Entry): void {
  if (value === null) values.delete(key);
  else values.set(key, value);
}
