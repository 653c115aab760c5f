import { openFailed } from "../bytes/index.ts";

/** Sizes of C2SP chunked encryption, in bytes. @see https://c2sp.org/chunked-encryption */
export const CHUNK = 16_384;
export const TAG = 16;
export const SALT = 24;
export const COMMITMENT = 32;
export const HEADER = SALT + COMMITMENT;
export const SEALED_CHUNK = CHUNK + TAG;
/** Of one message: 64 TiB, the least that the specification allows. */
export const MOST_CHUNKS = 2 ** 32;

/** How long the plaintext of one chunk is in a message of `size` bytes; the last one is always shorter. */
export function lengthOfChunk(size: number, number: number): number {
  return Math.min(CHUNK, size - number * CHUNK);
}

/** How many chunks `size` bytes make. */
export function chunksOf(size: number): number {
  return Math.floor(size / CHUNK) + 1;
}

/** How many bytes `size` bytes of plaintext become. */
export function sealedLength(size: number): number {
  return HEADER + size + chunksOf(size) * TAG;
}

/** How many bytes of plaintext are in `length` bytes. @throws CRYPTO_OPEN_FAILED for a length that none have. */
export function plainLength(length: number): number {
  const chunks = Math.floor((length - HEADER) / SEALED_CHUNK) + 1;
  const size = length - HEADER - chunks * TAG;
  if (chunks < 1 || chunks > MOST_CHUNKS || size < 0 || sealedLength(size) !== length) throw openFailed();
  return size;
}

/** Where a chunk begins in the ciphertext. */
export function offsetOf(number: number): number {
  return HEADER + number * SEALED_CHUNK;
}
