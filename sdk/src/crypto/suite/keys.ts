import { type Bytes, concat, equal, fromHex, toHex } from "../bytes/index.ts";

/** What stands before n in every RSA key of 3,072 bits: SPKI, rsaEncryption, and the lengths, which never differ. */
const RSA_PREFIX = fromHex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100");
/** e = 65537. */
const RSA_SUFFIX = fromHex("0203010001");
const RSA_BYTES = 422;
const MODULUS_BYTES = 384;

/** NIST SP 800-186 §3.2.1.3. */
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF = fromNumber(N >> 1n);

/**
 * Whether these bytes are a public key for wrapping: SPKI of RSA with an odd n of exactly 3,072 bits and e = 65537.
 * Looked at as bytes, before any import, because runtimes differ: a key with e = 1 imports and "encrypts".
 */
export function isWrapKey(bytes: Uint8Array): boolean {
  const modulus = bytes.subarray(RSA_PREFIX.length, RSA_PREFIX.length + MODULUS_BYTES);
  return (
    bytes.length === RSA_BYTES &&
    equal(bytes.subarray(0, RSA_PREFIX.length), RSA_PREFIX) &&
    equal(bytes.subarray(RSA_BYTES - RSA_SUFFIX.length), RSA_SUFFIX) &&
    (modulus[0] ?? 0) >= 0x80 &&
    (modulus[MODULUS_BYTES - 1] ?? 0) % 2 === 1
  );
}

/**
 * Whether these bytes are a public key for signatures: an uncompressed point of P-256. Deno and
 * `@peculiar/webcrypto` import points that are not on the curve, Node and Chromium do not, so it is reckoned here.
 */
export function isSigningKey(bytes: Uint8Array): boolean {
  if (bytes.length !== 65 || bytes[0] !== 4) return false;
  const [x, y] = [toNumber(bytes.subarray(1, 33)), toNumber(bytes.subarray(33))];
  return x < P && y < P && (y * y - x * x * x + 3n * x - B) % P === 0n;
}

/** Whether s of a raw signature is in the lower half, as one of the two that are valid for anything signed. */
export function isLowS(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const at = HALF.findIndex((byte, index) => byte !== signature[32 + index]);
  return at === -1 || (signature[32 + at] ?? 0) < (HALF[at] ?? 0);
}

/** The same signature with s in the lower half. */
export function toLowS(signature: Bytes): Bytes {
  if (isLowS(signature)) return signature;
  return concat(signature.subarray(0, 32), fromNumber(N - toNumber(signature.subarray(32))));
}

/** Whether these 32 bytes are a private scalar of P-256. */
export function isScalar(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  const d = toNumber(bytes);
  return d > 0n && d < N;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function fromNumber(value: bigint): Bytes {
  return fromHex(value.toString(16).padStart(64, "0"));
}
