import path from "node:path";
import { keystoreOn } from "../engine.ts";
import type { Keystore } from "../types.ts";
import { COST, type FileKey } from "./header.ts";
import { FileShelf } from "./shelf.ts";
import { openVessel } from "./vessel.ts";

export interface FileKeystoreOptions extends FileKey {
  /** The file; made at the first change, its folder too. */
  path: string;
  /** Project and user; a file made under another name is refused. */
  name: string;
  /** scrypt's log2(N) for a new file, 14 to 20; 17 when left out, which takes 128 MiB and about 0.3 s. */
  cost?: number | undefined;
}

/**
 * A keystore in one encrypted file, for Node: mode 0600, written whole beside the old one and renamed, held by one
 * process at a time. The key comes from a passphrase or from the app (which has it from the keyring of the
 * operating system); there is no default.
 *
 * @throws USAGE_INVALID for options; CRYPTO_PASSPHRASE for the wrong passphrase or key; CRYPTO_UNREADABLE for a
 * damaged file; USAGE_STORAGE for one that others may read, or of another name; CONFLICT_BUSY while another process
 * has it. None of them changes the file.
 * @example
 * ```ts
 * import { fileKeystore } from "@trackit/sdk/node";
 *
 * const keystore = await fileKeystore({ path: "keys/ada", name: `${url}:${id}`, passphrase: password });
 * const { sign, wrap } = await keystore.generate();
 * await keystore.close();
 * ```
 */
export async function fileKeystore(options: FileKeystoreOptions): Promise<Keystore> {
  const { path: file, name, passphrase, key, cost = COST } = options;
  const { vessel, values } = await openVessel(path.resolve(file), name, { passphrase, key }, cost);
  return keystoreOn(new FileShelf(vessel, values), name, "file");
}
