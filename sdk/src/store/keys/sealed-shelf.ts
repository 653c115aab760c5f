import type { Bytes } from "../../crypto/bytes/index.ts";
import * as sealing from "./seal.ts";
import { type Device, type Entry, holds, type Seal, type Shelf } from "./shelf.ts";

/** A value under a key, as its caller sees it. */
export type Wanted = readonly [at: string, value: Uint8Array | null];

/**
 * A shelf whose values are sealed under its key of now, each bound to its place: `context` (project and user) and
 * name. After a wipe, here or elsewhere, every call throws `wiped()`: nothing sealed under the old key is ever
 * written beside the new one.
 */
export class SealedShelf {
  readonly #shelf: Shelf;
  readonly #context: string;
  readonly #seal: Seal;

  constructor(shelf: Shelf, context: string, seal: Seal) {
    this.#shelf = shelf;
    this.#context = context;
    this.#seal = seal;
  }

  device(): Promise<Device | null> {
    return this.#shelf.device(this.#seal.id);
  }

  makeDevice(instead: Uint8Array | null): Promise<Device> {
    return this.#shelf.makeDevice(this.#seal.id, instead);
  }

  seal(at: string, value: Uint8Array): Promise<Bytes> {
    return sealing.sealBytes(this.#seal.key, this.#place(at), value);
  }

  /** @throws CRYPTO_UNREADABLE */
  open(at: string, sealed: Uint8Array): Promise<Bytes> {
    return sealing.openBytes(this.#seal.key, this.#place(at), sealed);
  }

  /** @returns null where the key is not of exactly 32 bytes. */
  sealKey(at: string, secret: CryptoKey): Promise<Bytes | null> {
    return sealing.sealSecretKey(this.#seal.key, this.#place(at), secret);
  }

  /** @throws CRYPTO_UNREADABLE */
  openKey(at: string, sealed: Uint8Array, extractable = false): Promise<CryptoKey> {
    return sealing.openSecretKey(this.#seal.key, this.#place(at), sealed, extractable);
  }

  /** As they stand, sealed. */
  raw(keys: readonly string[]): Promise<(Bytes | null)[]> {
    return this.#shelf.read(this.#seal.id, keys);
  }

  /** @throws CRYPTO_UNREADABLE */
  async read(keys: readonly string[]): Promise<(Bytes | null)[]> {
    const found = await this.raw(keys);
    return Promise.all(found.map((sealed, index) => sealed && this.open(keys[index] ?? "", sealed)));
  }

  /** As they stand, sealed. */
  list(prefix: string): Promise<[at: string, sealed: Bytes][]> {
    return this.#shelf.list(this.#seal.id, prefix);
  }

  /**
   * Writes all entries or none.
   *
   * @param entries sealed.
   * @param basis opened: false where a key holds another value.
   * @throws CRYPTO_UNREADABLE where what it stands on does not open.
   */
  async batch(entries: readonly Entry[], basis: readonly Wanted[]): Promise<boolean> {
    // What was read may be changed by another tab before it is written: then all is looked at anew.
    for (;;) {
      const stands = await this.#standing(basis);
      if (!stands) return false;
      if (await this.#shelf.batch(this.#seal.id, entries, stands)) return true;
    }
  }

  /** The very bytes that a batch stands on; null where one of them is not what its caller has seen. */
  async #standing(basis: readonly Wanted[]): Promise<Entry[] | null> {
    if (basis.length === 0) return [];
    const keys = basis.map(([at]) => at);
    const found = await this.raw(keys);
    for (const [index, [at, value]] of basis.entries()) {
      const sealed = found[index] ?? null;
      if (!holds(sealed && (await this.open(at, sealed)), value)) return null;
    }
    return keys.map((at, index): Entry => [at, found[index] ?? null]);
  }

  #place(at: string): Bytes {
    return new TextEncoder().encode(JSON.stringify(["keystore", this.#context, at])) as Bytes;
  }
}
