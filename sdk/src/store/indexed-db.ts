import { TrackItError } from "../errors.ts";
import { makeSealKey, sealedStore } from "./sealed.ts";
import type { Store, StoreChange } from "./types.ts";

const VALUES = "values";
const KEYS = "keys";

/**
 * The browser's own database of this name, made when it is not there. Sealed, its values are readable only through
 * a key that stands beside them and that no script can take out.
 *
 * @throws USAGE_STORAGE where the browser refuses; CRYPTO_INSECURE_CONTEXT where it has no cryptography.
 */
export async function openIndexedDb(name: string, { seal }: { seal: boolean }): Promise<Store> {
  const candidate = seal ? await makeSealKey() : null;
  const database = await open(name);
  const store = storeOn(database);
  return candidate ? sealedStore(store, await firstKey(database, candidate), name) : store;
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void =>
      reject(
        new TrackItError("USAGE_STORAGE", `offline: IndexedDB cannot be opened for ${name}`, {
          cause,
          hint: "Allow the site to keep data, or give offline.storage",
        }),
      );
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(VALUES);
        request.result.createObjectStore(KEYS);
      };
      request.onsuccess = () => {
        // A tab that deletes the database, or a newer release that changes it, must not wait for this one.
        request.result.onversionchange = () => request.result.close();
        resolve(request.result);
      };
      request.onerror = () => refuse(request.error);
    } catch (cause) {
      refuse(cause);
    }
  });
}

function storeOn(database: IDBDatabase): Store {
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
    close: async () => database.close(),
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
function firstKey(database: IDBDatabase, candidate: CryptoKey): Promise<CryptoKey> {
  return within<CryptoKey>(database, KEYS, "readwrite", (keys, done) => {
    const request = keys.get("seal");
    request.onsuccess = () => {
      if (request.result === undefined) keys.put(candidate, "seal");
      done((request.result as CryptoKey | undefined) ?? candidate);
    };
  });
}

/** Runs work in one transaction; its answer counts when the transaction has been written. */
function within<Answer>(
  database: IDBDatabase,
  name: string,
  mode: IDBTransactionMode,
  work: (objects: IDBObjectStore, done: (answer: Answer) => void) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    try {
      const transaction = database.transaction(name, mode);
      let answer: Answer;
      transaction.oncomplete = () => resolve(answer);
      transaction.onabort = () => reject(failure(transaction.error));
      work(transaction.objectStore(name), (given) => {
        answer = given;
      });
    } catch (cause) {
      reject(failure(cause));
    }
  });
}

function failure(cause: unknown): TrackItError {
  if (cause instanceof Error && cause.name === "QuotaExceededError") {
    return new TrackItError("LIMIT_STORAGE", "offline: the device has no room left for this site", { cause });
  }
  return new TrackItError("USAGE_STORAGE", "offline: IndexedDB has failed", { cause });
}

function range(prefix: string): IDBKeyRange | undefined {
  if (prefix === "") return undefined;
  const kept = prefix.replace(/\uffff+$/, "");
  if (kept === "") return IDBKeyRange.lowerBound(prefix);
  const after = kept.slice(0, -1) + String.fromCharCode(kept.charCodeAt(kept.length - 1) + 1);
  return IDBKeyRange.bound(prefix, after, false, true);
}
