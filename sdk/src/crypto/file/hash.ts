import { type Bytes, join, Writer } from "../bytes/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";

/** WebCrypto hashes nothing piece by piece, so the ciphertext is hashed by the megabyte, and then the hashes are. */
const SEGMENT = 1_048_576;

/** Hashes a ciphertext as it goes by, in one megabyte of memory. */
export interface FileHash {
  push(bytes: Uint8Array): Promise<void>;
  done(): Promise<Bytes>;
}

/** H(tag, length ‖ SHA-256 of each segment of 1 MiB). */
export function createFileHash(suite: Suite): FileHash {
  const segment = new Uint8Array(SEGMENT);
  const hashes: Bytes[] = [];
  let length = 0;
  const close = async (end: number) => {
    if (end > 0) hashes.push(await suite.sha256(segment.subarray(0, end)));
  };
  return {
    async push(bytes) {
      for (let rest = bytes; rest.length > 0; ) {
        const part = rest.subarray(0, SEGMENT - (length % SEGMENT));
        segment.set(part, length % SEGMENT);
        length += part.length;
        rest = rest.subarray(part.length);
        if (length % SEGMENT === 0) await close(SEGMENT);
      }
    },
    async done() {
      await close(length % SEGMENT);
      return suite.hash(TAGS.fileHash, new Writer().u64(length).done(), join(hashes));
    },
  };
}
