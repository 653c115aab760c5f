/** A WebSocket frame of a server as it came: servers do not mask theirs. */
export interface ServerFrame {
  bytes: Buffer;
  /** Its text; null for a frame of another kind. */
  text: string | null;
}

const textOpcode = 0x81;

/** Cuts what a server sends after `101 Switching Protocols` into frames. */
export class FrameSplitter {
  #rest = Buffer.alloc(0);
  #open = false;

  /** @returns the head of the answer as it is, then each frame that is whole */
  push(chunk: Buffer): ServerFrame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: ServerFrame[] = [];
    if (!this.#open) {
      const end = this.#rest.indexOf("\r\n\r\n");
      if (end < 0) return [];
      this.#open = true;
      frames.push({ bytes: this.#take(end + 4), text: null });
    }
    for (let size = this.#size(); size !== null && this.#rest.length >= size.all; size = this.#size()) {
      const bytes = this.#take(size.all);
      const text = bytes[0] === textOpcode ? bytes.subarray(size.head).toString("utf8") : null;
      frames.push({ bytes, text });
    }
    return frames;
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  #size(): { head: number; all: number } | null {
    const short = (this.#rest[1] ?? 0) & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (this.#rest.length < head) return null;
    const body =
      short === 127
        ? Number(this.#rest.readBigUInt64BE(2))
        : short === 126
          ? this.#rest.readUInt16BE(2)
          : short;
    return { head, all: head + body };
  }
}
