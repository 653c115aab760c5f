import { type Bytes, join, misuse, release } from "../bytes/index.ts";
import type { Suite } from "../suite/index.ts";
import { createOpener, createSealer, type Opener, type Sealer } from "./cipher.ts";
import {
  CHUNK,
  chunksOf,
  HEADER,
  lengthOfChunk,
  MOST_CHUNKS,
  offsetOf,
  SEALED_CHUNK,
  TAG,
} from "./layout.ts";
import { createPieces, type Pieces, type Source } from "./source.ts";

/**
 * Chunks under way at once: keeps every thread busy, in little memory. In a page fewer: a browser keeps objects of its
 * own for each call, and its collector lets more of them lie the more are in use at a time.
 */
const AT_ONCE = "document" in globalThis ? 8 : 32;

export interface StreamOptions {
  /** Ends it with NETWORK_ABORTED. */
  signal?: AbortSignal | undefined;
  /** Hears after each piece how many bytes of plaintext are through. */
  onProgress?: ((bytes: number) => void) | undefined;
}

/** Seals a source of any length in little memory. Gives the header first, then many chunks at a time. */
export async function* sealStream(
  suite: Suite,
  key: CryptoKey,
  context: Uint8Array,
  source: Source,
  options: StreamOptions = {},
): AsyncGenerator<Bytes, void> {
  const sealer = await createSealer(suite, key, context);
  yield sealer.header;
  yield* sealChunks(sealer, source, options);
}

/** The chunks without the header. */
export async function* sealChunks(
  { seal }: Sealer,
  source: Source,
  { signal, onProgress }: StreamOptions = {},
): AsyncGenerator<Bytes, void> {
  const pieces = createPieces(source, signal);
  const read = createBatches(pieces, CHUNK);
  let through = 0;
  const work = (batch: Batch): Promise<Done> => {
    through += batch.bytes.length;
    return workOn(batch, seal);
  };
  try {
    for await (const sealed of inBatches(read, work)) {
      yield sealed;
      onProgress?.(through);
    }
  } finally {
    pieces.close();
  }
}

export interface OpenStreamOptions extends StreamOptions {
  /** How long the plaintext is, where that is known from elsewhere. */
  size?: number | undefined;
  /** Is given every byte of the ciphertext, in order. */
  onCiphertext?: ((bytes: Uint8Array) => Promise<void>) | undefined;
}

/**
 * Opens what `sealStream` or `sealBytes` made. Every piece it gives is authentic; that the end is the true one shows
 * when it is reached, and what was kept of a stream that throws is to be thrown away.
 *
 * @throws CRYPTO_OPEN_FAILED; what the source throws, as it is.
 */
export async function* openStream(
  suite: Suite,
  key: CryptoKey,
  context: Uint8Array,
  source: Source,
  { signal, onProgress, size, onCiphertext }: OpenStreamOptions = {},
): AsyncGenerator<Bytes, void> {
  const pieces = createPieces(source, signal);
  try {
    const header = await pieces.take(HEADER);
    await onCiphertext?.(header);
    const opener = await createOpener(suite, key, context, header);
    yield* openChunks(opener, pieces, { size, onProgress, onCiphertext });
  } finally {
    pieces.close();
  }
}

/** Which chunks hold bytes `from` to `to` (exclusive), and which bytes of the ciphertext they are. */
export interface Span {
  first: number;
  last: number;
  /** Of the ciphertext; `end` is exclusive, and beyond its end for the last chunk. */
  start: number;
  end: number;
}

/** @throws USAGE_INVALID for a range that is not within `size` bytes. */
export function spanOf(size: number, from: number, to: number): Span {
  if (!(from >= 0 && from <= to && to <= size)) throw misuse("a range", `${from} to ${to}`, `0 to ${size}`);
  const first = Math.floor(from / CHUNK);
  const last = Math.floor(Math.max(from, to - 1) / CHUNK);
  return { first, last, start: offsetOf(first), end: offsetOf(last + 1) };
}

/**
 * Opens a part of a message whose size is known.
 *
 * @param source The ciphertext's bytes from `spanOf(size, from, to).start` on, at least to its end.
 * @throws CRYPTO_OPEN_FAILED
 */
export async function* openRange(
  opener: Opener,
  source: Source,
  { size, from, to, signal, onProgress }: StreamOptions & { size: number; from: number; to: number },
): AsyncGenerator<Bytes, void> {
  const { first, last } = spanOf(size, from, to);
  const pieces = createPieces(source, signal);
  let at = first * CHUNK;
  try {
    for await (const plain of openChunks(opener, pieces, { size, first, last, onProgress })) {
      const part = plain.subarray(Math.max(0, from - at), Math.max(0, to - at));
      at += plain.length;
      if (part.length > 0) yield part;
    }
  } finally {
    pieces.close();
  }
}

interface OpenOptions extends OpenStreamOptions {
  first?: number;
  last?: number;
}

async function* openChunks(
  opener: Opener,
  pieces: Pieces,
  { size, first = 0, last = MOST_CHUNKS - 1, onProgress, onCiphertext }: OpenOptions,
): AsyncGenerator<Bytes, void> {
  const end = Math.min(last, size === undefined ? last : chunksOf(size) - 1);
  const open = (number: number, sealed: Bytes): Promise<Bytes> =>
    opener.open(number, sealed, size === undefined ? sealed.length - TAG : lengthOfChunk(size, number));
  const work = async (batch: Batch): Promise<Done> => {
    const [done] = await Promise.all([workOn(batch, open), onCiphertext?.(batch.bytes)]);
    return done;
  };
  let through = 0;
  for await (const plain of inBatches(createBatches(pieces, SEALED_CHUNK, first, end), work)) {
    through += plain.length;
    yield plain;
    onProgress?.(through);
  }
}

/** Chunks that are worked on together. */
interface Batch {
  /** Of its first chunk. */
  number: number;
  chunks: Bytes[];
  /** All of them. */
  bytes: Bytes;
}

/** What came of a batch: of the chunks before the first that failed, where one did. */
interface Done {
  bytes: Bytes;
  failure: unknown;
}

/**
 * Gives many chunks as one piece: a file, or another process, has its price for each piece that it takes. While one
 * batch is worked on, and while its piece is taken, the next is read.
 */
async function* inBatches(
  read: () => Promise<Batch | null>,
  work: (batch: Batch) => Promise<Done>,
): AsyncGenerator<Bytes, void> {
  for (let batch = await read(); batch; ) {
    const working = work(batch);
    const reading = read();
    reading.catch(() => {}); // Heard when its turn comes.
    const { bytes, failure } = await working;
    if (bytes.length > 0) yield bytes;
    if (failure) throw failure;
    batch = await reading;
  }
}

/** Reads batch after batch, each good until the one after the next is asked for; null after the last. */
function createBatches(
  pieces: Pieces,
  unit: number,
  first = 0,
  last = MOST_CHUNKS - 1,
): () => Promise<Batch | null> {
  const most = Math.min(AT_ONCE, last - first + 1);
  let [shelf, other] = [createShelf(most, unit), createShelf(most, unit)];
  let number = first;
  let ended = false;
  return async () => {
    if (ended) return null;
    [shelf, other] = [other, shelf];
    const wanted = Math.min(most, last - number + 1);
    const bytes = await pieces.fill(shelf.bytes.subarray(0, wanted * unit));
    // The last chunk is shorter than all others, or there is none.
    const isShort = bytes.length < wanted * unit;
    const whole = Math.floor(bytes.length / unit);
    const chunks = shelf.chunks.slice(0, whole);
    if (isShort) chunks.push(bytes.subarray(whole * unit));
    const batch = { number, chunks, bytes };
    number += chunks.length;
    ended = isShort || number > last;
    return batch;
  };
}

/** A buffer with its chunks: made once, since a browser keeps something of its own for each. */
function createShelf(count: number, unit: number): Omit<Batch, "number"> {
  const bytes = new Uint8Array(count * unit);
  return {
    bytes,
    chunks: Array.from({ length: count }, (_, at) => bytes.subarray(at * unit, (at + 1) * unit)),
  };
}

async function workOn(
  { number, chunks }: Batch,
  run: (number: number, chunk: Bytes) => Promise<Bytes>,
): Promise<Done> {
  const running = chunks.map((chunk, at) => run(number + at, chunk));
  try {
    const done = await Promise.all(running);
    const bytes = join(done);
    release(done);
    return { bytes, failure: null };
  } catch {
    return untilFailure(running);
  }
}

async function untilFailure(running: readonly Promise<Bytes>[]): Promise<Done> {
  const done: Bytes[] = [];
  for (const result of await Promise.allSettled(running)) {
    if (result.status === "rejected") return { bytes: join(done), failure: result.reason };
    done.push(result.value);
  }
  return { bytes: join(done), failure: null };
}
