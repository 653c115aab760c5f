import { type BrowserOptions, browserKeystore } from "./browser.ts";
import type { Keystore } from "./types.ts";

export { type KeptDevice, keptDevice } from "./kept-device.ts";
export { memoryKeystore } from "./memory.ts";
export { storeOn } from "./store.ts";
export type { Change, DeviceKeys, Guard, Keystore, Pin, Place, Recipient, Secret } from "./types.ts";
export type { BrowserOptions };

export interface KeystoreOptions extends BrowserOptions {
  /** `memory` keeps nothing beyond this page: for sessions that are not remembered on the device. */
  keep?: "device" | "memory" | undefined;
}

/**
 * The keystore of one user of one project, on this device: IndexedDB behind a worker in browsers, memory elsewhere.
 * Node has a file: `fileKeystore` of `@trackit/sdk/node`.
 *
 * @param name project and user; the same for all tabs of both.
 * @throws CRYPTO_INSECURE_CONTEXT on a page served by plain http; USAGE_STORAGE where the browser keeps no data.
 * @example
 * ```ts
 * import { openKeystore } from "@trackit/sdk/keystore";
 *
 * const keystore = await openKeystore(`${url}:${id}`);
 * const { sign, wrap } = await keystore.generate();
 * ```
 */
export async function openKeystore(name: string, options: KeystoreOptions = {}): Promise<Keystore> {
  const browser = typeof indexedDB !== "undefined" && typeof document !== "undefined";
  if (browser && options.keep !== "memory") return browserKeystore(name, options);
  return (await import("./memory.ts")).memoryKeystore(name);
}
