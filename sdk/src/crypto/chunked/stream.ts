import { type Bytes, misuse, release } from "../bytes/index.ts";
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

/** Chunks under way at once: keeps every thread busy, and is half a megabyte of memory. */
const AT_ONCE = 32;

export interface StreamOptions {
  /** Ends it with NETWORK_ABORTED. */
  signal?: AbortSignal | undefined;
  /** Hears after each piece how many bytes of plaintext are through. */
  onProgress?: ((bytes: number) => void) | undefined;
}

/** Seals a source of any length in little memory. Gives the header first, then one chunk at a time. */
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

export interface SealOptions extends StreamOptions {
  /** Is given each chunk before it is sealed; what it throws ends the stream. */
  before?: ((number: number, plain: Bytes) => Promise<void>) | undefined;
}

/** The chunks without the header. */
export async function* sealChunks(
  sealer: Sealer,
  source: Source,
  { signal, onProgress, before }: SealOptions = {},
): AsyncGenerator<Bytes, void> {
  const pieces = createPieces(source, signal);
  let [number, through] = [0, 0];
  const seal = async (at: number, plain: Bytes): Promise<Bytes> => {
    await before?.(at, plain);
    return sealer.seal(at, plain);
  };
  const jobs = inOrder(async () => {
    const plain = await pieces.take(CHUNK);
    const at = number++;
    return { run: () => seal(at, plain), last: plain.length < CHUNK };
  });
  try {
    for await (const sealed of jobs) {
      through += sealed.length - TAG;
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

/**
 * Gives many chunks as one piece: a file, or another process, has its price for each piece that it takes. While one
 * batch of them is opened, the next is read.
 */
async function* openChunks(
  opener: Opener,
  pieces: Pieces,
  { size, first = 0, last = MOST_CHUNKS - 1, onProgress, onCiphertext }: OpenOptions,
): AsyncGenerator<Bytes, void> {
  const read = createBatches(pieces, first, Math.min(last, size === undefined ? last : chunksOf(size) - 1));
  const open = async (batch: Batch): Promise<Opened> => {
    const [opened] = await Promise.all([openBatch(opener, batch, size), onCiphertext?.(batch.sealed)]);
    return opened;
  };
  let through = 0;
  let next = await read();
  let opening = next && open(next);
  while (opening) {
    next = await read();
    const { plain, failure } = await opening;
    opening = next && !failure ? open(next) : null;
    through += plain.length;
    if (plain.length > 0) yield plain;
    if (failure) throw failure;
    onProgress?.(through);
  }
}

interface Batch {
  /** Of its first chunk. */
  number: number;
  count: number;
  sealed: Bytes;
}

/** Reads batch after batch, each good until the one after the next is asked for; null after the last. */
function createBatches(pieces: Pieces, first: number, last: number): () => Promise<Batch | null> {
  const most = Math.min(AT_ONCE, last - first + 1);
  let [buffer, other] = [0, 0].map(() => new Uint8Array(most * SEALED_CHUNK)) as [Bytes, Bytes];
  let number = first;
  let ended = false;
  return async () => {
    if (ended) return null;
    [buffer, other] = [other, buffer];
    const wanted = Math.min(most, last - number + 1);
    const sealed = await pieces.fill(buffer.subarray(0, wanted * SEALED_CHUNK));
    // The last chunk is shorter than all others, or there is none.
    const isShort = sealed.length < wanted * SEALED_CHUNK;
    const count = isShort ? Math.floor(sealed.length / SEALED_CHUNK) + 1 : wanted;
    const batch = { number, count, sealed };
    number += count;
    ended = isShort || number > last;
    return batch;
  };
}

interface Opened {
  /** What is authentic before the first chunk that is not. */
  plain: Bytes;
  failure?: unknown;
}

async function openBatch(
  opener: Opener,
  { number, count, sealed }: Batch,
  size: number | undefined,
): Promise<Opened> {
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, index) => {
      const chunk = sealed.subarray(index * SEALED_CHUNK, (index + 1) * SEALED_CHUNK);
      const length = size === undefined ? chunk.length - TAG : lengthOfChunk(size, number + index);
      return opener.open(number + index, chunk, length);
    }),
  );
  const used: Bytes[] = [];
  const plain = new Uint8Array(sealed.length);
  let at = 0;
  for (const result of results) {
    if (result.status === "rejected") return { plain: plain.subarray(0, at), failure: result.reason };
    plain.set(result.value, at);
    at += result.value.length;
    used.push(result.value);
  }
  release(used);
  return { plain: plain.subarray(0, at) };
}

interface Job<T> {
  run(): Promise<T>;
  last: boolean;
}

/** Runs some jobs at once and gives their results in order. */
async function* inOrder<T>(next: () => Promise<Job<T>>): AsyncGenerator<T, void> {
  const running: Promise<T>[] = [];
  for (let ended = false; !ended || running.length > 0; ) {
    while (!ended && running.length < AT_ONCE) {
      const job = await next();
      const result = job.run();
      result.catch(() => {}); // It is heard when its turn comes; until then nobody else must be.
      running.push(result);
      ended = job.last;
    }
    const [result] = running.splice(0, 1);
    if (result) yield await result;
  }
}
