import { type Bytes, openFailed } from "../bytes/index.ts";

export function importAes(subtle: SubtleCrypto, raw: Uint8Array): Promise<CryptoKey> {
  return subtle.importKey("raw", raw as Bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

const gcm = (nonce: Uint8Array) => ({ name: "AES-GCM", iv: nonce as Bytes, tagLength: 128 });
const whole = (buffer: ArrayBuffer): Bytes => new Uint8Array(buffer);

// Of each promise and function a browser keeps something until it collects them, and a large file has many chunks: none
// is made here that the call can do without.

/** @param nonce 12 bytes, never twice under one key. */
export function sealGcm(
  subtle: SubtleCrypto,
  key: CryptoKey,
  nonce: Uint8Array,
  plain: Uint8Array,
): Promise<Bytes> {
  return subtle.encrypt(gcm(nonce), key, plain as Bytes).then(whole);
}

/** @throws CRYPTO_OPEN_FAILED */
export function openGcm(
  subtle: SubtleCrypto,
  key: CryptoKey,
  nonce: Uint8Array,
  sealed: Uint8Array,
): Promise<Bytes> {
  return subtle.decrypt(gcm(nonce), key, sealed as Bytes).then(whole, refuse);
}

function refuse(): never {
  throw openFailed();
}
