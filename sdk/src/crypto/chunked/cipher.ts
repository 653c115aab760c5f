import { ascii, type Bytes, concat, equal, misuse, openFailed } from "../bytes/index.ts";
import { importAes, openGcm, sealGcm } from "../suite/gcm.ts";
import type { Suite } from "../suite/index.ts";
import { CHUNK, COMMITMENT, MOST_CHUNKS, SALT, TAG } from "./layout.ts";

const INFO = ascii("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0");
const KEY = 32;
const NONCE = 12;

/** Seals the chunks of one message. A number must not be sealed twice with different bytes. */
export interface Sealer {
  /** Salt and commitment, the first 56 bytes of the message. */
  header: Bytes;
  seal(number: number, plain: Uint8Array): Promise<Bytes>;
}

/** Opens the chunks of one message, each alone. */
export interface Opener {
  /** @param length What the plaintext must be long. @throws CRYPTO_OPEN_FAILED */
  open(number: number, sealed: Uint8Array, length: number): Promise<Bytes>;
}

/**
 * @param key HMAC key of 32 bytes.
 * @param context What the message is bound to.
 * @param salt 24 bytes, random; given only to go on with a message that was begun before.
 */
export async function createSealer(
  suite: Suite,
  key: CryptoKey,
  context: Uint8Array,
  salt: Uint8Array = suite.random(SALT),
): Promise<Sealer> {
  if (salt.length !== SALT) throw misuse("a salt", `${salt.length} bytes`, `${SALT} bytes`);
  const { aes, nonce, commitment } = await derive(suite, key, context, salt);
  return {
    header: concat(salt, commitment),
    seal: async (number, plain) => {
      if (plain.length > CHUNK || number >= MOST_CHUNKS) {
        throw misuse("a chunk", `number ${number} of ${plain.length} bytes`, `at most ${CHUNK} bytes`);
      }
      return sealGcm(suite.subtle, aes, setNonce(new Uint8Array(NONCE), nonce, number), plain);
    },
  };
}

/** @param header The first 56 bytes. @throws CRYPTO_OPEN_FAILED for another key or context than was sealed with. */
export async function createOpener(
  suite: Suite,
  key: CryptoKey,
  context: Uint8Array,
  header: Uint8Array,
): Promise<Opener> {
  const { aes, nonce, commitment } = await derive(suite, key, context, header.subarray(0, SALT));
  if (!equal(commitment, header.subarray(SALT))) throw openFailed();
  // One for all chunks, of which a large file has many: WebCrypto takes a copy of it before its call returns. Sealing
  // does not rest on that.
  const own = new Uint8Array(NONCE);
  return {
    open: (number, sealed, length) =>
      sealed.length === length + TAG
        ? openGcm(suite.subtle, aes, setNonce(own, nonce, number), sealed)
        : Promise.reject(openFailed()),
  };
}

async function derive(suite: Suite, key: CryptoKey, context: Uint8Array, salt: Uint8Array) {
  const bytes = await suite.expand(key, concat(INFO, salt, context), KEY + NONCE + COMMITMENT);
  return {
    aes: await importAes(suite.subtle, bytes.subarray(0, KEY)),
    nonce: bytes.subarray(KEY, KEY + NONCE),
    commitment: bytes.subarray(KEY + NONCE),
  };
}

/** The base nonce XOR the chunk's number. */
function setNonce(nonce: Bytes, base: Uint8Array, number: number): Bytes {
  nonce.set(base);
  for (let at = NONCE, left = number; left > 0; left = Math.floor(left / 256)) {
    at -= 1;
    nonce[at] = (nonce[at] ?? 0) ^ (left % 256);
  }
  return nonce;
}
