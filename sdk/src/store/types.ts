/** The smallest key-value store that the SDK needs; `localStorage` and AsyncStorage fit after renaming. */
export interface KeyValue {
  get(key: string): Promise<string | null> | string | null;
  set(key: string, value: string): Promise<void> | void;
  remove(key: string): Promise<void> | void;
}
