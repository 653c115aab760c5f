import { type Bytes, openFailed } from "../bytes/index.ts";
import { isLowS, isSigningKey, toLowS } from "./keys.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SCHEME = { name: "ECDSA", hash: "SHA-256" };

/** A device's key pair for signatures; the private half never leaves its runtime. */
export interface SigningKeys {
  /** Uncompressed point, 65 bytes. */
  publicKey: Bytes;
  privateKey: CryptoKey;
}

export async function makeSigningKeys(subtle: SubtleCrypto): Promise<SigningKeys> {
  const { publicKey, privateKey } = await subtle.generateKey(CURVE, false, ["sign", "verify"]);
  return { publicKey: new Uint8Array(await subtle.exportKey("raw", publicKey)), privateKey };
}

/** @returns r ‖ s, 64 bytes, s in the lower half. */
export async function signData(subtle: SubtleCrypto, key: CryptoKey, data: Uint8Array): Promise<Bytes> {
  return toLowS(new Uint8Array(await subtle.sign(SCHEME, key, data as Bytes)));
}

/** @throws for bytes that are no point. */
export async function importVerifier(subtle: SubtleCrypto, publicKey: Uint8Array): Promise<CryptoKey> {
  if (!isSigningKey(publicKey)) throw openFailed();
  return subtle.importKey("raw", publicKey as Bytes, CURVE, true, ["verify"]);
}

/** False for a key that is no point, for a high s, and for everything else that is not this key's signature. */
export async function verifyData(
  subtle: SubtleCrypto,
  verifier: Promise<CryptoKey>,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  if (!isLowS(signature)) return false;
  try {
    return await subtle.verify(SCHEME, await verifier, signature as Bytes, data as Bytes);
  } catch {
    return false; // Runtimes differ in what they throw for; validity must not.
  }
}
