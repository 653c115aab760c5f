import { memoryStore } from "./memory.ts";
import type { KeyValue } from "./types.ts";

/**
 * The browser's localStorage or sessionStorage; memory where there is none (Node, workers) or where it is blocked
 * (cookies off, sandboxed frames), so that signing in works there too, for as long as the page lives.
 */
export function webStore(kind: "localStorage" | "sessionStorage"): KeyValue {
  const storage = usable(kind);
  if (!storage) return memoryStore();
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => storage.setItem(key, value),
    remove: (key) => storage.removeItem(key),
  };
}

function usable(kind: "localStorage" | "sessionStorage"): Storage | null {
  // Node 22 and Deno have a localStorage that warns or needs a file: only a page's own is meant.
  if (typeof document === "undefined") return null;
  try {
    const storage = globalThis[kind];
    storage.setItem("trackit-probe", "1");
    storage.removeItem("trackit-probe");
    return storage;
  } catch {
    return null;
  }
}
