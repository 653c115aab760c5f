import { type Bytes, fromUtf8 } from "./bytes.ts";
import { openFailed } from "./failed.ts";

/**
 * Takes an object apart, as `Writer` put it together. Call `end` when all is read.
 *
 * @throws CRYPTO_OPEN_FAILED from every call that finds too little, too much, or what `Writer` does not write.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#integer(1);
  }

  u16(): number {
    return this.#integer(2);
  }

  u32(): number {
    return this.#integer(4);
  }

  u64(): number {
    return this.#integer(8);
  }

  /** The next `width` bytes, as a copy. */
  fixed(width: number): Bytes {
    if (width > this.left) throw openFailed();
    this.#at += width;
    return this.#bytes.slice(this.#at - width, this.#at) as Bytes;
  }

  /** Bytes after two bytes of length, which is at most `most`. */
  bytes16(most = 0xffff): Bytes {
    const length = this.u16();
    if (length > most) throw openFailed();
    return this.fixed(length);
  }

  /** As `bytes16`; the limit is in bytes. */
  text16(most = 0xffff): string {
    return fromUtf8(this.bytes16(most));
  }

  /** Everything that is left. */
  rest(): Bytes {
    return this.fixed(this.left);
  }

  /** Refuses trailing bytes. */
  end(): void {
    if (this.left !== 0) throw openFailed();
  }

  #integer(width: number): number {
    const value = this.fixed(width).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw openFailed();
    return value;
  }
}
