import { TrackItError } from "../errors.ts";

/** Texts of the outbox, sealed or not. */
export const VALUES = "values";
/** What the keystore keeps: sealed bytes. */
export const KEPT = "kept";
/** CryptoKeys of both. */
export const KEYS = "keys";

type Name = typeof VALUES | typeof KEPT | typeof KEYS;

/** One database for each project and user; release 2 has brought KEPT. */
const VERSION = 2;

/** An open database; browsers close one at times (low memory, cleared data), and it is then opened anew. */
export class Database {
  readonly #name: string;
  readonly #action: string;
  #opening: Promise<IDBDatabase> | null = null;

  /** @param action what errors say was being done. */
  constructor(name: string, action: string) {
    this.#name = name;
    this.#action = action;
  }

  opened(): Promise<IDBDatabase> {
    this.#opening ??= open(this.#name, this.#action, () => this.#lose()).catch((error: unknown) => {
      this.#lose();
      throw error;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
  }

  failed(cause: unknown): TrackItError {
    if (cause instanceof TrackItError) return cause;
    if (cause instanceof Error && cause.name === "QuotaExceededError") {
      return new TrackItError("LIMIT_STORAGE", `${this.#action}: the device has no room left for this site`, {
        cause,
      });
    }
    return new TrackItError("USAGE_STORAGE", `${this.#action}: IndexedDB has failed`, { cause });
  }

  #lose(): void {
    this.#opening = null;
  }
}

function open(name: string, action: string, lost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void =>
      reject(
        new TrackItError("USAGE_STORAGE", `${action}: IndexedDB cannot be opened for ${name}`, {
          cause,
          hint: "Allow the site to keep data, or give offline.storage",
        }),
      );
    try {
      const request = indexedDB.open(name, VERSION);
      request.onupgradeneeded = () => {
        const { result } = request;
        for (const store of [VALUES, KEPT, KEYS]) {
          if (!result.objectStoreNames.contains(store)) result.createObjectStore(store);
        }
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

/** Runs work in one transaction; its answer counts when the transaction has been written. */
export async function within<Answer>(
  database: Database,
  name: Name,
  mode: IDBTransactionMode,
  work: (objects: IDBObjectStore, done: (answer: Answer) => void) => void,
): Promise<Answer> {
  return across<Answer>(database, [name], mode, (objectsOf, done) => work(objectsOf(name), done));
}

/**
 * The same over several stores, written through to the disk before it resolves. `refuse` undoes all of it.
 */
export async function across<Answer>(
  database: Database,
  names: readonly Name[],
  mode: IDBTransactionMode,
  work: (
    objectsOf: (name: Name) => IDBObjectStore,
    done: (answer: Answer) => void,
    refuse: (error: TrackItError) => void,
  ) => void,
): Promise<Answer> {
  const opened = await database.opened();
  return new Promise((resolve, reject) => {
    try {
      const transaction = opened.transaction([...names], mode, { durability: "strict" });
      let answer: Answer;
      let refusal: TrackItError | null = null;
      transaction.oncomplete = () => resolve(answer);
      transaction.onabort = () => reject(refusal ?? database.failed(transaction.error));
      work(
        (name) => transaction.objectStore(name),
        (given) => {
          answer = given;
        },
        (error) => {
          refusal = error;
          transaction.abort();
        },
      );
    } catch (cause) {
      reject(database.failed(cause));
    }
  });
}

/** The keys that begin so; undefined for all. */
export function range(prefix: string): IDBKeyRange | undefined {
  if (prefix === "") return undefined;
  const kept = prefix.replace(/\uffff+$/, "");
  if (kept === "") return IDBKeyRange.lowerBound(prefix);
  const after = kept.slice(0, -1) + String.fromCharCode(kept.charCodeAt(kept.length - 1) + 1);
  return IDBKeyRange.bound(prefix, after, false, true);
}
