/** The smallest key-value store that the SDK needs; `localStorage` and AsyncStorage fit after renaming. */
export interface KeyValue {
  get(key: string): Promise<string | null> | string | null;
  set(key: string, value: string): Promise<void> | void;
  remove(key: string): Promise<void> | void;
}

/** One entry of a batch; null deletes. */
export interface StoreChange {
  key: string;
  value: string | null;
}

/**
 * A small database of texts under keys, for what must outlive a page: writes that wait for the network, and later
 * keys. Made for IndexedDB; a Map, a file or SQLite fit as well.
 */
export interface Store {
  get(key: string): Promise<string | null>;
  /** Everything whose key begins so, ordered by key (UTF-16 code units). */
  list(prefix: string): Promise<[key: string, value: string][]>;
  /**
   * Applies all changes or none. With `guard` only if that key still holds that value (null: is not there): the
   * answer is false otherwise, and nothing has changed. This is the whole of concurrency: read, decide, and write
   * guarded by a counter; begin again when the answer is false.
   */
  batch(changes: readonly StoreChange[], guard?: StoreChange): Promise<boolean>;
  /** Deletes everything. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}
