import { TrackItError } from "../../../errors.ts";
import { openFile, sealFile } from "./body.ts";
import { type Identity, identityAt, makeFolder, readWhole, removeWhole, replaceWhole } from "./disk.ts";
import { checkFileKey, type FileKey, HEADER_BYTES, makeHeader, openHeader } from "./header.ts";
import { type FileLock, takeLock } from "./lock.ts";

type Bytes = Uint8Array<ArrayBuffer>;
export type Values = ReadonlyMap<string, Bytes>;

interface Parts {
  file: string;
  header: Bytes;
  /** Seals the file, and wraps the keys inside it. */
  key: CryptoKey;
  lock: FileLock;
  /** Null before it is first written. */
  identity: Identity | null;
}

/** One encrypted file, held by one process, written whole each time. */
export class Vessel {
  readonly #parts: Parts;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get key(): CryptoKey {
    return this.#parts.key;
  }

  /** @throws CONFLICT_BUSY where another has taken over the lock or the file; nothing is overwritten then. */
  async write(values: Values): Promise<void> {
    await this.#mine();
    const { file, header, key } = this.#parts;
    this.#parts.identity = await replaceWhole(file, await sealFile(header, key, values));
  }

  async remove(): Promise<void> {
    await this.#mine();
    await removeWhole(this.#parts.file);
    this.#parts.identity = null;
  }

  release(): Promise<void> {
    this.#closed = true;
    return this.#parts.lock.release();
  }

  async #mine(): Promise<void> {
    const { file, lock, identity } = this.#parts;
    if (this.#closed) {
      throw new TrackItError("USAGE_STORAGE", "fileKeystore: it is closed, wanted an open one");
    }
    await lock.check();
    if ((await identityAt(file)) !== identity) {
      throw new TrackItError("CONFLICT_BUSY", `fileKeystore: somebody else has changed ${file}`, {
        hint: "Nothing was overwritten. Close this keystore and open it again",
      });
    }
  }
}

/** Opens the file at this path, or prepares one where there is none; it is written with the first change. */
export async function openVessel(
  file: string,
  owner: string,
  secret: FileKey,
  cost: number,
): Promise<{ vessel: Vessel; values: Map<string, Bytes> }> {
  checkFileKey(secret);
  await makeFolder(file);
  const lock = await takeLock(`${file}.lock`);
  try {
    const found = await readWhole(file);
    if (!found) {
      const made = await makeHeader(owner, secret, cost);
      return { vessel: new Vessel({ file, lock, identity: null, ...made }), values: new Map() };
    }
    const { bytes, identity } = found;
    const key = await openHeader(bytes, owner, secret);
    const header = new Uint8Array(bytes.subarray(0, HEADER_BYTES));
    const values = await openFile(key, bytes);
    return { vessel: new Vessel({ file, lock, identity, header, key }), values };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
