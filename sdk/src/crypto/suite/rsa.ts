import { type Bytes, misuse, openFailed, opening } from "../bytes/index.ts";
import { isWrapKey } from "./keys.ts";

const SECRET_BYTES = 32;
const HASHED = { name: "RSA-OAEP", hash: "SHA-256" };
const oaep = (label: Uint8Array) => ({ name: "RSA-OAEP", label: label as Bytes });

/** A device's key pair for wrapped secrets; the private half never leaves its runtime. */
export interface WrapKeys {
  /** SPKI, 422 bytes. */
  publicKey: Bytes;
  privateKey: CryptoKey;
}

/** Takes 0.3 s, at worst some seconds: off the thread that draws. */
export async function makeWrapKeys(subtle: SubtleCrypto): Promise<WrapKeys> {
  const algorithm = { ...HASHED, modulusLength: 3072, publicExponent: Uint8Array.of(1, 0, 1) };
  const pair = await subtle.generateKey(algorithm, false, ["encrypt", "decrypt", "unwrapKey"]);
  return {
    publicKey: new Uint8Array(await subtle.exportKey("spki", pair.publicKey)),
    privateKey: pair.privateKey,
  };
}

/** @throws USAGE_INVALID for a public key that `isWrapKey` refuses, and for a secret that is not 32 bytes. */
export async function wrapSecret(
  subtle: SubtleCrypto,
  publicKey: Uint8Array,
  secret: Uint8Array,
  label: Uint8Array,
): Promise<Bytes> {
  if (!isWrapKey(publicKey)) throw misuse("a public key", "not usable", "RSA of 3,072 bits with e = 65537");
  if (secret.length !== SECRET_BYTES) throw misuse("a secret", `${secret.length} bytes`, "32 bytes");
  const key = await subtle.importKey("spki", publicKey as Bytes, HASHED, true, ["encrypt"]);
  return new Uint8Array(await subtle.encrypt(oaep(label), key, secret as Bytes));
}

/**
 * Straight into an HMAC key, so that the secret is never bytes that a script could read.
 *
 * @throws CRYPTO_OPEN_FAILED, also for a secret of another length than 32 bytes.
 */
export function unwrapSecret(
  subtle: SubtleCrypto,
  privateKey: CryptoKey,
  wrapped: Uint8Array,
  label: Uint8Array,
): Promise<CryptoKey> {
  return opening(async () => {
    const hmac = { name: "HMAC", hash: "SHA-512", length: SECRET_BYTES * 8 };
    const usages: KeyUsage[] = ["sign"];
    const key = await subtle.unwrapKey("raw", wrapped as Bytes, privateKey, oaep(label), hmac, false, usages);
    // `length` alone does not hold: @peculiar/webcrypto takes a secret of any length in silence.
    if ((key.algorithm as HmacKeyAlgorithm).length !== hmac.length) throw openFailed();
    return key;
  });
}

/** As bytes, of any length. @throws CRYPTO_OPEN_FAILED */
export function decryptOaep(
  subtle: SubtleCrypto,
  privateKey: CryptoKey,
  wrapped: Uint8Array,
  label: Uint8Array,
): Promise<Bytes> {
  return opening(async () => new Uint8Array(await subtle.decrypt(oaep(label), privateKey, wrapped as Bytes)));
}
