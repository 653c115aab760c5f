import { keystoreOn } from "./engine.ts";
import { indexedDbShelf } from "./indexed-db.ts";
import type { Keystore } from "./types.ts";

/** The worker's code in the page, loaded only where there is no worker. */
export function pageKeystore(name: string): Keystore {
  return keystoreOn(indexedDbShelf(name), name, "page");
}
