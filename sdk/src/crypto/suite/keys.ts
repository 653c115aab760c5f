import { type Bytes, concat, fromHex, toHex } from "../bytes/index.ts";

/** SPKI of RSA in hex: what never differs, n of 384 bytes with its first bit and its last one set, e = 65537. */
const WRAP_KEY =
  /^308201a2300d06092a864886f70d01010105000382018f003082018a0282018100[89a-f][0-9a-f]{766}[13579bdf]0203010001$/;

/** NIST SP 800-186 §3.2.1.3. */
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * Whether these bytes are a public key for wrapping: SPKI of RSA with an odd n of exactly 3,072 bits and e = 65537.
 * Looked at as bytes, before any import, because runtimes differ: a key with e = 1 imports and "encrypts".
 */
export function isWrapKey(bytes: Uint8Array): boolean {
  return WRAP_KEY.test(toHex(bytes));
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
  return signature.length === 64 && toNumber(signature.subarray(32)) <= N >> 1n;
}

/** The same signature with s in the lower half. */
export function toLowS(signature: Bytes): Bytes {
  if (isLowS(signature)) return signature;
  const s = N - toNumber(signature.subarray(32));
  return concat(signature.subarray(0, 32), fromHex(s.toString(16).padStart(64, "0")));
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
