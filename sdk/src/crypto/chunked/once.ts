import { type Bytes, join, opening } from "../bytes/index.ts";
import type { Suite } from "../suite/index.ts";
import { createOpener, createSealer } from "./cipher.ts";
import { CHUNK, chunksOf, HEADER, lengthOfChunk, offsetOf, plainLength } from "./layout.ts";

const numbers = (size: number) => Array.from({ length: chunksOf(size) }, (_, number) => number);

/**
 * Seals what is whole in memory: salt ‖ commitment ‖ chunks.
 *
 * @param key HMAC key of 32 bytes.
 * @param context What it is bound to; opening wants the same.
 * @param salt For known answers only.
 * @returns `sealedLength(plain.length)` bytes.
 */
export async function sealBytes(
  suite: Suite,
  key: CryptoKey,
  context: Uint8Array,
  plain: Uint8Array,
  salt?: Uint8Array,
): Promise<Bytes> {
  const { header, seal } = await createSealer(suite, key, context, salt);
  const piece = (number: number) => seal(number, plain.subarray(number * CHUNK, (number + 1) * CHUNK));
  return join([header, ...(await Promise.all(numbers(plain.length).map(piece)))]);
}

/** @throws CRYPTO_OPEN_FAILED */
export function openBytes(
  suite: Suite,
  key: CryptoKey,
  context: Uint8Array,
  sealed: Uint8Array,
): Promise<Bytes> {
  return opening(async () => {
    const size = plainLength(sealed.length);
    const { open } = await createOpener(suite, key, context, sealed.subarray(0, HEADER));
    const piece = (number: number) =>
      open(number, sealed.subarray(offsetOf(number), offsetOf(number + 1)), lengthOfChunk(size, number));
    return join(await Promise.all(numbers(size).map(piece)));
  });
}
