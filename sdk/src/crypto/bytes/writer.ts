import { type Bytes, join, utf8 } from "./bytes.ts";
import { misuse } from "./failed.ts";

/** Puts an object together: integers big-endian, every width stated, nothing implied. */
export class Writer {
  readonly #parts: Uint8Array[] = [];

  u8(value: number): this {
    return this.#integer(value, 1);
  }

  u16(value: number): this {
    return this.#integer(value, 2);
  }

  u32(value: number): this {
    return this.#integer(value, 4);
  }

  /** Eight bytes; at most 2^53 - 1, which is what a number holds exactly. */
  u64(value: number): this {
    return this.#integer(value, 8);
  }

  /** @throws USAGE_INVALID unless there are exactly `width` bytes. */
  fixed(bytes: Uint8Array, width: number): this {
    if (bytes.length !== width) throw misuse("a field", `${bytes.length} bytes`, `${width} bytes`);
    this.#parts.push(bytes);
    return this;
  }

  /** Two bytes of length, then the bytes. */
  bytes16(bytes: Uint8Array): this {
    return this.u16(bytes.length).fixed(bytes, bytes.length);
  }

  /** As `bytes16`, in NFC and UTF-8. */
  text16(text: string): this {
    return this.bytes16(utf8(text));
  }

  done(): Bytes {
    return join(this.#parts);
  }

  #integer(value: number, width: number): this {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** width) {
      throw misuse("a number", value, `an integer of ${width} bytes`);
    }
    const bytes = new Uint8Array(width);
    for (let at = width, left = value; at-- > 0; left = Math.floor(left / 256)) bytes[at] = left;
    this.#parts.push(bytes);
    return this;
  }
}
