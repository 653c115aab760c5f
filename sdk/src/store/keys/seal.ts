import type { Bytes } from "../../crypto/bytes/index.ts";
import { TrackItError } from "../../errors.ts";

/**
 * 96 random bits for every value, as NIST SP 800-38D §8.2.2 allows; §8.3 bounds that to 2^32 values under one key,
 * which a device does not write in its life.
 */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const SECRET_BYTES = 32;

/** Runtimes differ in the length that they take where none is stated, and some take any. */
const SECRET_KEY = { name: "HMAC", hash: "SHA-512", length: 8 * SECRET_BYTES };

/** @throws CRYPTO_INSECURE_CONTEXT where the page was served by plain http, which has no `crypto.subtle`. */
export function needSubtle(): SubtleCrypto {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle) return subtle;
  throw new TrackItError(
    "CRYPTO_INSECURE_CONTEXT",
    "keystore: this page has no crypto.subtle to keep keys with",
    {
      hint: "Serve the app by https, or open it from localhost: browsers have no cryptography for plain http",
    },
  );
}

/** Extractable only to be written, wrapped, into a file. */
export function makeSealKey(extractable = false): Promise<CryptoKey> {
  return needSubtle().generateKey({ name: "AES-GCM", length: 256 }, extractable, SEAL_USES);
}

export const SEAL_USES: KeyUsage[] = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];

/** Why is nobody's business: a wrong key and a changed byte look alike. */
export function unreadable(): TrackItError {
  return new TrackItError("CRYPTO_UNREADABLE", "keystore: what is kept on this device cannot be opened", {
    hint: "Nothing was overwritten. Wiping the keystore deletes it; the device is then approved anew",
  });
}

/** @returns nonce ‖ ciphertext ‖ tag, bound to its place. */
export async function sealBytes(key: CryptoKey, place: Bytes, value: Uint8Array): Promise<Bytes> {
  const how = algorithm(place);
  const sealed = await crypto.subtle.encrypt(how, key, new Uint8Array(value));
  return joined(how.iv, sealed);
}

/** @throws CRYPTO_UNREADABLE */
export async function openBytes(key: CryptoKey, place: Bytes, sealed: Uint8Array): Promise<Bytes> {
  try {
    const { iv, body } = split(sealed);
    return new Uint8Array(await crypto.subtle.decrypt(algorithm(place, iv), key, body));
  } catch {
    throw unreadable();
  }
}

/**
 * Seals an extractable secret without its bytes ever being a script's.
 *
 * @returns null where it is not exactly 32 bytes, whatever its key says of itself.
 */
export async function sealSecretKey(key: CryptoKey, place: Bytes, secret: CryptoKey): Promise<Bytes | null> {
  const how = algorithm(place);
  const sealed = joined(how.iv, await crypto.subtle.wrapKey("raw", secret, key, how));
  return sealed.length === NONCE_BYTES + SECRET_BYTES + TAG_BYTES ? sealed : null;
}

/**
 * @param extractable only to be wrapped at once for other devices.
 * @throws CRYPTO_UNREADABLE
 */
export async function openSecretKey(
  key: CryptoKey,
  place: Bytes,
  sealed: Uint8Array,
  extractable = false,
): Promise<CryptoKey> {
  try {
    const { iv, body } = split(sealed);
    const how = algorithm(place, iv);
    return await crypto.subtle.unwrapKey("raw", body, key, how, SECRET_KEY, extractable, ["sign"]);
  } catch {
    throw unreadable();
  }
}

/** An HMAC key of 32 random bytes, or of these. */
export async function secretKey(bytes?: Uint8Array): Promise<CryptoKey> {
  if (!bytes) return crypto.subtle.generateKey(SECRET_KEY, true, ["sign"]);
  const copy = new Uint8Array(bytes);
  try {
    return await crypto.subtle.importKey("raw", copy, SECRET_KEY, true, ["sign"]);
  } finally {
    copy.fill(0);
  }
}

/** What an RSA-OAEP wrap holds, as an extractable HMAC key; null where it does not open or has another length. */
export async function unwrapSecretKey(
  privateKey: CryptoKey,
  wrapped: Uint8Array,
  label: Uint8Array,
): Promise<CryptoKey | null> {
  const how = { name: "RSA-OAEP", label: new Uint8Array(label) };
  const body = new Uint8Array(wrapped);
  return crypto.subtle.unwrapKey("raw", body, privateKey, how, SECRET_KEY, true, ["sign"]).catch(() => null);
}

function algorithm(place: Bytes, iv: Bytes = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))) {
  return { name: "AES-GCM", iv, additionalData: place };
}

function joined(nonce: Bytes, sealed: ArrayBuffer): Bytes {
  const all = new Uint8Array(nonce.length + sealed.byteLength);
  all.set(nonce);
  all.set(new Uint8Array(sealed), nonce.length);
  return all;
}

function split(sealed: Uint8Array): { iv: Bytes; body: Bytes } {
  return {
    iv: new Uint8Array(sealed.subarray(0, NONCE_BYTES)),
    body: new Uint8Array(sealed.subarray(NONCE_BYTES)),
  };
}
