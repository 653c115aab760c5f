import { aborted } from "../../failure/network.ts";
import type { Bytes } from "../bytes/index.ts";

/** What is read piece by piece: a web stream, a Node stream, a generator. */
export type Source = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** A source, read in pieces of the wanted length. */
export interface Pieces {
  /** The next `length` bytes, as a copy; fewer only at the end of the source. */
  take(length: number): Promise<Bytes>;
  /** Copies the next bytes into a buffer. @returns what is filled of it: less than the whole only at the end. */
  fill(buffer: Bytes): Promise<Bytes>;
  /** Lets go of the source without waiting for it. */
  close(): void;
}

interface Iterating {
  next(): Promise<IteratorResult<Uint8Array, unknown>>;
  stop(): Promise<unknown>;
}

/** How much of a stream is read at once. */
const ROOM = 524_288;

/** @throws NETWORK_ABORTED from `take` as soon as the signal says so, whatever the source is doing. */
export function createPieces(source: Source, signal?: AbortSignal): Pieces {
  const { next, stop } = iterate(source);
  let rest: Uint8Array = new Uint8Array();
  const fill = async (buffer: Bytes): Promise<Bytes> => {
    let filled = 0;
    while (filled < buffer.length) {
      if (rest.length === 0) {
        const step = await unlessAborted(next, signal);
        if (step.done) break;
        rest = step.value;
      }
      // At once: whoever gives the pieces may use one buffer for all of them.
      const part = rest.subarray(0, buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
    }
    return buffer.subarray(0, filled);
  };
  return {
    fill,
    take: (length) => fill(new Uint8Array(length)),
    close: () => void stop().catch(() => {}),
  };
}

function iterate(source: Source): Iterating {
  if ("getReader" in source) return readStream(source);
  const iterator = source[Symbol.asyncIterator]();
  return { next: () => iterator.next(), stop: async () => iterator.return?.() };
}

/**
 * A stream's pieces, each good until the next is asked for: they are read into one buffer, again and again, where the
 * stream can do that. What a browser makes for each piece otherwise is not collected in time.
 */
export function readStream(stream: ReadableStream<Uint8Array>): Iterating {
  try {
    const reader = stream.getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(ROOM);
    const next = async (): Promise<IteratorResult<Uint8Array, unknown>> => {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (value) buffer = value.buffer;
      return done || !value ? { done: true, value } : { done, value };
    };
    return { next, stop: () => reader.cancel() };
  } catch {
    const reader = stream.getReader(); // It is not one of bytes.
    const next = () => reader.read() as Promise<IteratorResult<Uint8Array, unknown>>;
    return { next, stop: () => reader.cancel() };
  }
}

function unlessAborted<T>(run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return run();
  return new Promise((resolve, reject) => {
    const stop = () => reject(aborted(signal, "crypto"));
    if (signal.aborted) return stop();
    // Taken off again after each piece: a promise that many wait for would keep every one of them.
    signal.addEventListener("abort", stop, { once: true });
    run()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}
