import { TrackItError } from "../../errors.ts";
import { type Bytes, concat, equal, misuse, openFailed } from "../bytes/index.ts";
import { type Tag, tagged } from "../tags.ts";
import { importVerifier, makeSigningKeys, type SigningKeys, signData, verifyData } from "./ecdsa.ts";
import { expand, hkdf, hmac, importHmac } from "./kdf.ts";
import { decryptOaep, makeWrapKeys, unwrapSecret, type WrapKeys, wrapSecret } from "./rsa.ts";

/** Of as many signers imported keys are kept. */
const KEYS_KEPT = 256;

/**
 * Suite 1: SHA-256, SHA-512, HMAC, HKDF, ECDSA on P-256, RSA-OAEP-3072, all of them WebCrypto's.
 *
 * @param crypto WebCrypto of the runtime; a test gives another one.
 * @throws CRYPTO_INSECURE_CONTEXT where a page served by plain http has no `crypto.subtle`.
 */
export function createSuite(crypto: Crypto = globalThis.crypto) {
  const subtle = crypto?.subtle;
  if (!subtle) {
    throw new TrackItError("CRYPTO_INSECURE_CONTEXT", "crypto: this page has no crypto.subtle", {
      hint: "Serve the app by https or from localhost",
    });
  }
  const digest = async (name: string, parts: readonly Uint8Array[]): Promise<Bytes> =>
    // What is one part is not copied: it may be a megabyte, a thousand times.
    new Uint8Array(await subtle.digest(name, parts.length === 1 ? (parts[0] as Bytes) : concat(...parts)));
  const sha256 = (...parts: readonly Uint8Array[]) => digest("SHA-256", parts);
  const hmacKey = async (raw: Uint8Array): Promise<CryptoKey> => {
    if (raw.length !== 32) throw misuse("a secret", `${raw.length} bytes`, "32 bytes");
    return importHmac(subtle, "SHA-512", raw);
  };
  const mac = (key: CryptoKey, ...parts: readonly Uint8Array[]) => hmac(subtle, key, concat(...parts));
  const keys = new Map<string, { verifier: Promise<CryptoKey>; hash: Promise<Bytes> }>();
  /** What every signature of a key needs; by its bytes, so that nothing can be put in its place. */
  const known = (publicKey: Uint8Array) => {
    const name = String.fromCharCode(...publicKey.subarray(0, 66));
    const found = keys.get(name) ?? {
      verifier: importVerifier(subtle, publicKey),
      hash: sha256(publicKey),
    };
    found.verifier.catch(() => {}); // Heard by who verifies.
    if (keys.size >= KEYS_KEPT) keys.clear();
    keys.set(name, found);
    return found;
  };
  return {
    id: 1 as const,
    subtle,
    random: (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length)),
    sha256,
    sha512: (...parts: readonly Uint8Array[]) => digest("SHA-512", parts),
    /** H(tag, x) = SHA-256(tag ‖ 0x00 ‖ x): one tag for each kind of object, so that none passes for another. */
    hash: (tag: Tag, ...parts: readonly Uint8Array[]) => sha256(tagged(tag, ...parts)),
    /** HMAC-SHA-512 under exactly 32 bytes, not extractable. @throws USAGE_INVALID */
    hmacKey,
    /** HMAC, 64 bytes. */
    mac,
    checkMac: async (key: CryptoKey, expected: Uint8Array, ...parts: readonly Uint8Array[]) =>
      equal(await mac(key, ...parts), expected),
    /** HKDF-Expand with SHA-512. */
    expand: (key: CryptoKey, info: Uint8Array, length: number) => expand(subtle, key, info, length),
    /** 32 expanded bytes as a key of their own. */
    expandKey: async (key: CryptoKey, info: Uint8Array) => hmacKey(await expand(subtle, key, info, 32)),
    /** HKDF with SHA-512, for secrets that are not uniformly random or not 32 bytes. */
    hkdf: (secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) =>
      hkdf(subtle, "SHA-512", { secret, salt, info, length }),
    makeSigningKeys: () => makeSigningKeys(subtle),
    makeWrapKeys: () => makeWrapKeys(subtle),
    /**
     * Signs tag ‖ 0x00 ‖ object hash ‖ signer id ‖ SHA-256(signer key): the key is inside, so that nobody else's
     * key can be made to fit.
     */
    sign: async (keys: SigningKeys, tag: Tag, hash: Uint8Array, signer: Uint8Array): Promise<Bytes> =>
      signData(subtle, keys.privateKey, tagged(tag, hash, signer, await known(keys.publicKey).hash)),
    /** Never throws: a key that is none and a signature that is none are a no. */
    verify: async (
      publicKey: Uint8Array,
      signature: Uint8Array,
      tag: Tag,
      hash: Uint8Array,
      signer: Uint8Array,
    ): Promise<boolean> => {
      const { verifier, hash: keyHash } = known(publicKey);
      return verifyData(subtle, verifier, signature, tagged(tag, hash, signer, await keyHash));
    },
    /** RSA-OAEP of 32 bytes, 384 bytes. @throws USAGE_INVALID for a key that `isWrapKey` refuses. */
    wrap: (publicKey: Uint8Array, secret: Uint8Array, label: Uint8Array) =>
      wrapSecret(subtle, publicKey, secret, label),
    /** The wrapped 32 bytes as an HMAC key that never leaves. @throws CRYPTO_OPEN_FAILED */
    unwrap: (privateKey: CryptoKey, wrapped: Uint8Array, label: Uint8Array) =>
      unwrapSecret(subtle, privateKey, wrapped, label),
    /** The wrapped 32 bytes, in passing, to be sealed or granted at once. @throws CRYPTO_OPEN_FAILED */
    unwrapBytes: async (privateKey: CryptoKey, wrapped: Uint8Array, label: Uint8Array): Promise<Bytes> => {
      const secret = await decryptOaep(subtle, privateKey, wrapped, label);
      if (secret.length !== 32) throw openFailed();
      return secret;
    },
  };
}

export type Suite = ReturnType<typeof createSuite>;
export type { SigningKeys, WrapKeys };
