import { Database, KEYS, range, VALUES, within } from "./database.ts";
import { makeSealKey, sealedStore } from "./sealed.ts";
import type { Store, StoreChange } from "./types.ts";

/**
 * The browser's own database of this name, made when it is not there. Sealed, its values are readable only through
 * a key that stands beside them and that no script can take out.
 *
 * @throws USAGE_STORAGE where the browser refuses; CRYPTO_INSECURE_CONTEXT where it has no cryptography.
 */
export async function openIndexedDb(name: string, { seal }: { seal: boolean }): Promise<Store> {
  const candidate = seal ? await makeSealKey() : null;
  const database = new Database(name, "offline");
  const store = storeOn(database);
  await database.opened();
  return candidate ? sealedStore(store, await firstKey(database, candidate), name) : store;
}

function storeOn(database: Database): Store {
  return {
    get: (key) =>
      within<string | null>(database, VALUES, "readonly", (values, done) => {
        const request = values.get(key);
        request.onsuccess = () => done((request.result as string | undefined) ?? null);
      }),
    list: (prefix) =>
      within<[string, string][]>(database, VALUES, "readonly", (values, done) => {
        const keys = values.getAllKeys(range(prefix));
        const texts = values.getAll(range(prefix));
        texts.onsuccess = () =>
          done(keys.result.map((key, index) => [String(key), String(texts.result[index])]));
      }),
    batch: (changes, guard) =>
      within<boolean>(database, VALUES, "readwrite", (values, done) => {
        if (!guard) return done(applyAll(values, changes));
        const request = values.get(guard.key);
        request.onsuccess = () => {
          const holds = ((request.result as string | undefined) ?? null) === guard.value;
          done(holds && applyAll(values, changes));
        };
      }),
    wipe: () => within<void>(database, VALUES, "readwrite", (values, done) => done(void values.clear())),
    close: () => database.close(),
  };
}

function applyAll(values: IDBObjectStore, changes: readonly StoreChange[]): boolean {
  for (const { key, value } of changes) {
    if (value === null) values.delete(key);
    else values.put(value, key);
  }
  return true;
}

/** The key of the tab that came first: of two that make one at once, the transaction lets one win. */
function firstKey(database: Database, candidate: CryptoKey): Promise<CryptoKey> {
  return within<CryptoKey>(database, KEYS, "readwrite", (keys, done) => {
    const request = keys.get("seal");
    request.onsuccess = () => {
      if (request.result === undefined) keys.put(candidate, "seal");
      done((request.result as CryptoKey | undefined) ?? candidate);
    };
  });
}
