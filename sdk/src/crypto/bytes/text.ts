import type { Bytes } from "./bytes.ts";
import { openFailed } from "./failed.ts";

/** Crockford's base32: no I, L, O and U, so that a code can be read aloud. https://www.crockford.com/base32.html */
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Each byte's two letters: maps are keyed by hex, so this runs many times for every message. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** @throws CRYPTO_OPEN_FAILED for anything but pairs of lower-case digits. */
export function fromHex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw openFailed();
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** RFC 4648 §5. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** What each letter counts for, by its code; 64 for what is none. */
const COUNTS = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) => {
  const count = LETTERS.indexOf(String.fromCharCode(code));
  return count < 0 ? 64 : count;
});

/** RFC 4648 §5, without padding. By letters, since every row comes and goes so: reading by `atob` took 14 times as long. */
export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += LETTERS[(held >> (bits - 6)) & 63];
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + LETTERS[(held << (6 - bits)) & 63] : text;
}

/** @throws CRYPTO_OPEN_FAILED for every text but the one that `toBase64url` makes of the same bytes. */
export function fromBase64url(text: string): Bytes {
  if (text.length % 4 === 1) throw openFailed();
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let letter = 0; letter < text.length; letter++) {
    const count = COUNTS[text.charCodeAt(letter)] ?? 64;
    if (count > 63) throw openFailed();
    held = (held << 6) | count;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  // What the last letter says beyond the last byte is nothing.
  if (held !== 0) throw openFailed();
  return bytes;
}

/**
 * The first `bits` bits, five to a letter; the last letter is filled with zeros: one byte ff is `ZW`.
 */
export function toBase32(bytes: Uint8Array, bits: number = bytes.length * 8): string {
  let text = "";
  for (let at = 0; at < bits; at += 5) {
    const two = ((bytes[at >> 3] ?? 0) << 8) | (bytes[(at >> 3) + 1] ?? 0);
    text += CROCKFORD[(two >> (11 - (at & 7))) & 31];
  }
  return text;
}

/**
 * Reads what a person typed: letter case, hyphens and spaces do not matter, O is 0, I and L are 1.
 *
 * @param bits How many there must be; what fills the last letter and the last byte must be zeros.
 * @throws CRYPTO_OPEN_FAILED
 */
export function fromBase32(text: string, bits: number): Bytes {
  const letters = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  for (let at = 0; at < bits; at++) {
    const value = CROCKFORD.indexOf(letters[Math.floor(at / 5)] ?? "!");
    if ((value >> (4 - (at % 5))) & 1) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (128 >> (at & 7));
  }
  if (toBase32(bytes, bits) !== letters) throw openFailed();
  return bytes;
}
