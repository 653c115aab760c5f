import { type Bytes, equal, openFailed } from "../../crypto/bytes/index.ts";
import { HEADER, plainLength, sealedLength } from "../../crypto/chunked/index.ts";
import { spanOf } from "../../crypto/chunked/streams.ts";
import { createFileHash } from "../../crypto/file/hash.ts";
import { type FileInfo, openFile, openFileRange } from "../../crypto/file/index.ts";
import type { Suite } from "../../crypto/suite/index.ts";
import { invalid } from "../../failure/invalid.ts";
import type { Progress } from "../types.ts";
import { type Ask, fetchBytes } from "./fetch.ts";

/** A version of a file that can be read: sealed with its info, or as it is. */
export interface Readable {
  suite: Suite;
  ask: Ask;
  /** Null for a file that is not sealed. */
  info: FileInfo | null;
  /** Bytes at the server. */
  stored: number;
  /** Of a file that is not sealed: what its bytes must come to; null where nobody has said. */
  hash: Uint8Array | null;
}

export interface Reading {
  from?: number | undefined;
  to?: number | undefined;
  signal: AbortSignal;
  onProgress?: ((progress: Progress) => void) | undefined;
  action: string;
}

/** The content, or a part of it: each piece is authentic where the file is sealed. */
export function readContent(file: Readable, reading: Reading): AsyncGenerator<Bytes, void> {
  const { info, stored } = file;
  // The database may lie about the size, the sealed info may not.
  if (info && stored !== sealedLength(info.size)) throw openFailed();
  const size = info ? plainLength(stored) : stored;
  const { from = 0, to = size, action } = reading;
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= size))
    throw invalid(action, "from", [from, to], `a part of the ${size} bytes`);
  const isWhole = from === 0 && to === size;
  if (!info) return readBare(file, { ...reading, from, to }, isWhole);
  return isWhole ? readWhole(file, info, reading) : readPart(file, info, { ...reading, from, to });
}

function readWhole({ suite, ask, stored }: Readable, info: FileInfo, reading: Reading) {
  const wanted = { from: 0, to: stored, total: stored, sealed: true, ...reading };
  const source = fetchBytes(ask, { ...wanted, from: 0, to: stored });
  return openFile(suite, info, source, { signal: reading.signal });
}

async function* readPart(
  { suite, ask, stored }: Readable,
  info: FileInfo,
  { from, to, signal, onProgress, action }: Reading & { from: number; to: number },
): AsyncGenerator<Bytes, void> {
  const wanted = { total: stored, sealed: true, signal, action };
  const header = await collect(fetchBytes(ask, { ...wanted, from: 0, to: HEADER }), HEADER);
  const { start, end } = spanOf(info.size, from, to);
  const source = fetchBytes(ask, { ...wanted, onProgress, from: start, to: Math.min(end, stored) });
  yield* openFileRange(suite, info, { from, to, length: stored, header, source, signal });
}

async function* readBare(
  { suite, ask, stored, hash }: Readable,
  { from, to, ...reading }: Reading & { from: number; to: number },
  isWhole: boolean,
): AsyncGenerator<Bytes, void> {
  const whole = createFileHash(suite);
  const source = fetchBytes(ask, { ...reading, from, to, total: stored, sealed: false });
  for await (const bytes of source) {
    const own = bytes.slice();
    if (isWhole) await whole.push(own);
    yield own;
  }
  if (isWhole && hash && !equal(await whole.done(), hash)) throw openFailed();
}

async function collect(source: AsyncIterable<Uint8Array>, length: number): Promise<Bytes> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const piece of source) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
