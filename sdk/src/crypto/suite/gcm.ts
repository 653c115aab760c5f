import { type Bytes, opening } from "../bytes/index.ts";

export function importAes(subtle: SubtleCrypto, raw: Uint8Array): Promise<CryptoKey> {
  return subtle.importKey("raw", raw as Bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

const gcm = (nonce: Uint8Array) => ({ name: "AES-GCM", iv: nonce as Bytes, tagLength: 128 });

/** @param nonce 12 bytes, never twice under one key. */
export async function sealGcm(
  subtle: SubtleCrypto,
  key: CryptoKey,
  nonce: Uint8Array,
  plain: Uint8Array,
): Promise<Bytes> {
  return new Uint8Array(await subtle.encrypt(gcm(nonce), key, plain as Bytes));
}

/** @throws CRYPTO_OPEN_FAILED */
export function openGcm(
  subtle: SubtleCrypto,
  key: CryptoKey,
  nonce: Uint8Array,
  sealed: Uint8Array,
): Promise<Bytes> {
  return opening(async () => new Uint8Array(await subtle.decrypt(gcm(nonce), key, sealed as Bytes)));
}
