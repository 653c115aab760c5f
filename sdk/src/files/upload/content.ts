import { type Bytes, release } from "../../crypto/bytes/index.ts";
import { sealedLength } from "../../crypto/chunked/index.ts";
import { createPieces } from "../../crypto/chunked/source.ts";
import { createFileHash } from "../../crypto/file/hash.ts";
import { type FileDraft, sealFile } from "../../crypto/file/index.ts";
import type { Suite } from "../../crypto/suite/index.ts";
import { TrackItError } from "../../errors.ts";
import type { Readable } from "./source.ts";

/** What goes out, and at its end what the content was. */
export interface Content {
  total: number;
  pieces(signal: AbortSignal): AsyncGenerator<Bytes, { size: number; hash: Bytes }>;
}

const PIECE = 65_536;

/** @param draft Key and salt; null for a file that is not sealed. */
export function contentOf(suite: Suite, source: Readable, draft: FileDraft | null): Content {
  if (!draft) return { total: source.size, pieces: (signal) => checked(source, bare(suite, source, signal)) };
  return {
    total: sealedLength(source.size),
    pieces: (signal) => checked(source, sealFile(suite, draft, source.stream(), { signal })),
  };
}

async function* bare(suite: Suite, source: Readable, signal: AbortSignal) {
  const hash = createFileHash(suite);
  const pieces = createPieces(source.stream(), signal);
  let size = 0;
  try {
    for (;;) {
      const bytes = await pieces.take(PIECE);
      if (bytes.length === 0) return { size, hash: await hash.done() };
      size += bytes.length;
      await hash.push(bytes);
      yield bytes;
    }
  } finally {
    pieces.close();
  }
}

/**
 * Each piece is good until the next is asked for. A source that ends early or late is not the one that space was taken
 * for.
 */
async function* checked(
  { size }: Readable,
  pieces: AsyncGenerator<Bytes, { size: number; hash: Bytes }>,
): AsyncGenerator<Bytes, { size: number; hash: Bytes }> {
  try {
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) return sameSize(value, size);
      yield value;
      release([value]);
    }
  } finally {
    await pieces.return({ size: 0, hash: new Uint8Array() });
  }
}

function sameSize<End extends { size: number }>(content: End, size: number): End {
  if (content.size === size) return content;
  const message = `files.upload: the source has ${content.size} bytes, and said ${size}`;
  throw new TrackItError("FILE_CHANGED", message, { hint: "Send it from the beginning" });
}
