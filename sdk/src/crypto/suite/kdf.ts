import { type Bytes, concat, misuse } from "../bytes/index.ts";

export type HashName = "SHA-256" | "SHA-512";
const BYTES = { "SHA-256": 32, "SHA-512": 64 };

/** An HMAC key that never leaves. The length is stated because its default differs between runtimes. */
export function importHmac(subtle: SubtleCrypto, hash: HashName, raw: Uint8Array): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash, length: raw.length * 8 };
  return subtle.importKey("raw", raw as Bytes, algorithm, false, ["sign"]);
}

export async function hmac(subtle: SubtleCrypto, key: CryptoKey, data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await subtle.sign("HMAC", key, data as Bytes));
}

/**
 * HKDF-Expand alone, out of HMAC: WebCrypto's HKDF always extracts first.
 *
 * @param key HMAC key, whose hash is used.
 * @param length 1 to 255 times the hash's length, in bytes.
 * @see RFC 5869 §2.3
 */
export async function expand(
  subtle: SubtleCrypto,
  key: CryptoKey,
  info: Uint8Array,
  length: number,
): Promise<Bytes> {
  let [block, all] = [new Uint8Array(), new Uint8Array()];
  for (let counter = 1; all.length < length; counter++) {
    if (counter > 255) throw misuse("the length to derive", length, "at most 255 blocks");
    block = await hmac(subtle, key, concat(block, info, Uint8Array.of(counter)));
    all = concat(all, block);
  }
  return all.slice(0, length);
}

/** HKDF whole: extract, then expand. An empty salt is a block of zeros. @see RFC 5869 §2.2 */
export async function hkdf(
  subtle: SubtleCrypto,
  hash: HashName,
  { secret, salt, info, length }: { secret: Uint8Array; salt: Uint8Array; info: Uint8Array; length: number },
): Promise<Bytes> {
  const extractor = await importHmac(subtle, hash, salt.length > 0 ? salt : new Uint8Array(BYTES[hash]));
  const root = await hmac(subtle, extractor, secret);
  return expand(subtle, await importHmac(subtle, hash, root), info, length);
}
