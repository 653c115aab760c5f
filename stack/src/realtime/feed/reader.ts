/** Reads the fields of a replication message, one after the other. */
export class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  byte(): number {
    const value = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    return value;
  }

  int16(): number {
    const value = this.#bytes.readInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  uint64(): bigint {
    const value = this.#bytes.readBigUInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  /** Text up to its NUL. */
  name(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new RangeError("reading a name: it has no end; wanted a NUL");
    const value = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end + 1;
    return value;
  }

  /** Text of a length. */
  text(length: number): string {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError(`reading ${length} bytes: the message ends before`);
    const value = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end;
    return value;
  }
}
