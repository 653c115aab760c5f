import { misuse, openFailed } from "./failed.ts";

/** Bytes that are not shared with another thread, as WebCrypto asks for them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The parts, one after the other, as new bytes. */
export const concat = (...parts: readonly Uint8Array[]): Bytes => join(parts);

/** As `concat`, for more parts than a call can have arguments: some 100,000. */
export function join(parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whether both hold the same bytes, in a time that depends on their length alone. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

const encoder = new TextEncoder();

/** The code of each letter, for tags and other constants that are ASCII. */
export const ascii = (text: string): Bytes => encoder.encode(text) as Bytes;

/**
 * NFC, then UTF-8, so that what looks alike is the same bytes on every device.
 *
 * @throws USAGE_INVALID for half a surrogate pair, which UTF-8 cannot hold.
 */
export function utf8(text: string): Bytes {
  if (/\p{Surrogate}/u.test(text)) throw misuse("text", "half a surrogate pair", "well-formed text");
  return ascii(text.normalize());
}

/** @throws CRYPTO_OPEN_FAILED for what `utf8` does not make: broken UTF-8, or text that is not NFC. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.normalize() === text) return text;
  } catch {
    // As below.
  }
  throw openFailed();
}
