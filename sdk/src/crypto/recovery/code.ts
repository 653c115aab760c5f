import {
  type Bytes,
  fromBase32,
  fromBase64url,
  misuse,
  openFailed,
  opening,
  toBase32,
  toBase64url,
} from "../bytes/index.ts";
import { importVerifier, signData, verifyData } from "../suite/ecdsa.ts";
import { isScalar, type SigningKeys, type Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SCALAR_BITS = 256;
const SCALAR_LETTERS = 52;
const CHECKSUM_BITS = 20;
const LETTERS = 56;

/** A code that was just made: for the owner's eyes, and the public key for the log. */
export interface RecoveryCode {
  /** 56 letters in 14 groups of four. It is a private key; nothing keeps it. */
  text: string;
  keys: SigningKeys;
  /** The scalar, 32 bytes, for `backupKey`. */
  scalar: Bytes;
}

/** A fresh code. The scalar is that of a key pair which WebCrypto makes, since it is WebCrypto that has to reckon its point. */
export async function createRecoveryCode(suite: Suite): Promise<RecoveryCode> {
  const pair = await suite.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const scalar = fromBase64url((await suite.subtle.exportKey("jwk", pair.privateKey)).d ?? "");
  const publicKey = new Uint8Array(await suite.subtle.exportKey("raw", pair.publicKey));
  const letters = toBase32(scalar) + (await checksum(suite, scalar));
  const text = (letters.match(/.{4}/g) ?? []).join("-");
  return { text, scalar, keys: await recoveryKeys(suite, scalar, publicKey) };
}

/**
 * Reads what somebody typed; case, hyphens and spaces do not matter, nor O for 0 and I or L for 1.
 *
 * @returns The scalar, 32 bytes. Whether it is the right one is for `recoveryKeys` to say.
 * @throws USAGE_INVALID for a typing mistake.
 */
export async function readRecoveryCode(suite: Suite, text: string): Promise<Bytes> {
  try {
    const bits = fromBase32(text, LETTERS * 5);
    const letters = toBase32(bits);
    const scalar = fromBase32(letters.slice(0, SCALAR_LETTERS), SCALAR_BITS);
    if (isScalar(scalar) && letters.slice(SCALAR_LETTERS) === (await checksum(suite, scalar))) return scalar;
  } catch {
    // As below.
  }
  throw misuse("the recovery code", "mistyped", `${LETTERS} letters and digits as they were shown`);
}

/**
 * The key pair of a code, not extractable.
 *
 * @param publicKey As the log has it.
 * @throws CRYPTO_OPEN_FAILED where the code is not that key's.
 */
export function recoveryKeys(suite: Suite, scalar: Uint8Array, publicKey: Bytes): Promise<SigningKeys> {
  return opening(async () => {
    const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map(toBase64url);
    const jwk = { kty: "EC", crv: "P-256", d: toBase64url(scalar), x, y } as JsonWebKey;
    const keys = { publicKey, privateKey: await suite.subtle.importKey("jwk", jwk, CURVE, false, ["sign"]) };
    // Some runtimes take a point that is not the scalar's: what it signs has to verify. The signature goes nowhere.
    const probe = suite.random(32);
    const signature = await signData(suite.subtle, keys.privateKey, probe);
    if (!(await verifyData(suite.subtle, importVerifier(suite.subtle, publicKey), signature, probe)))
      throw openFailed();
    return keys;
  });
}

/** What seals backups, so that they can be written without the code: 32 bytes. */
export async function backupKey(suite: Suite, scalar: Uint8Array, user: Bytes, root: Bytes): Promise<Bytes> {
  return suite.expand(await suite.hmacKey(scalar), tagged(TAGS.backupKey, user, root), 32);
}

/** Twenty bits, which tell a mistyped letter from a wrong code. */
async function checksum(suite: Suite, scalar: Uint8Array): Promise<string> {
  return toBase32(await suite.hash(TAGS.recoveryChecksum, scalar), CHECKSUM_BITS);
}
