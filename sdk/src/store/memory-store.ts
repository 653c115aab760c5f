import type { Store, StoreChange } from "./types.ts";

/** A store that lasts as long as its process. */
export function memoryDatabase(): Store {
  const values = new Map<string, string>();
  return {
    get: async (key) => values.get(key) ?? null,
    list: async (prefix) => [...values].filter(([key]) => key.startsWith(prefix)).sort(byKey),
    batch: async (changes, guard) => {
      if (guard && (values.get(guard.key) ?? null) !== guard.value) return false;
      for (const change of changes) apply(values, change);
      return true;
    },
    wipe: async () => values.clear(),
    close: async () => {},
  };
}

function apply(values: Map<string, string>, { key, value }: StoreChange): void {
  if (value === null) values.delete(key);
  else values.set(key, value);
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
