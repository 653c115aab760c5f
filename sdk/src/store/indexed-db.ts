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
  const database = new Database(name);
  const store = storeOn(database);
  await database.opened();
  return candidate ? sealedStore(store, await firstKey(database, candidate), name) : store;
}

/** An open database; browsers close one at times (low memory, cleared data), and it is then opened anew. */
class Database {
  readonly #name: string;
  #opening: Promise<IDBDatabase> | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  opened(): Promise<IDBDatabase> {
    this.#opening ??= open(this.#name, () => this.#lose()).catch((error: unknown) => {
      this.#lose();
      throw error;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
  }

  #lose(): void {
    this.#opening = null;
  }
}

function open(name: string, lost: () => void): Promise<IDBDatabase> {
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
        request.result.onversionchange = () => {
          request.result.close();
          lost();
        };
        request.result.onclose = lost;
        resolve(request.result);
      };
      request.onerror = () => refuse(request.error);
    } catch (cause) {
      refuse(cause);
    }
  });
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

/** Runs work in one transaction; its answer counts when the transaction has been written. */
async function within<Answer>(
  database: Database,
  name: string,
  mode: IDBTransactionMode,
  work: (objects: IDBObjectStore, done: (answer: Answer) => void) => void,
): Promise<Answer> {
  const opened = await database.opened();
  return new Promise((resolve, reject) => {
    try {
      const transaction = opened.transaction(name, mode);
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
