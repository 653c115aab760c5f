import * as node from "node:crypto";

/** What is longer is worth another thread. */
const SHORT = 65_536;
const TAG = 16;
/** Of work, in bytes that are encrypted meanwhile, before others have a turn: one or two milliseconds. */
const TURN = 2_097_152;
/** A signature, in such bytes. */
const SIGNATURE = 32_768;

const HASHES: Readonly<Record<string, string>> = { "SHA-256": "sha256", "SHA-512": "sha512" };
const { subtle } = globalThis.crypto;
const keys = new WeakMap<CryptoKey, node.KeyObject>();
let worked = 0;

/**
 * Node's WebCrypto, but what is short is done at once: AES-GCM, hashes and HMAC of up to 64 KiB, and signing on P-256. By
 * itself it hands each call to another thread and waits for it, which takes longer than such work. OpenSSL does both, with
 * the same answers; everything else is passed on, the checking of signatures too, which is worth a thread
 * (docs/decisions/0014).
 *
 * @example
 * ```ts
 * import { createTrackIt } from "@trackit/sdk";
 * import { nodeCrypto } from "@trackit/sdk/node";
 *
 * const daemon = createTrackIt({ url, key, crypto: nodeCrypto });
 * ```
 */
export const nodeCrypto: Crypto = {
  subtle: {
    decrypt: (how, key, data) =>
      isGcm(how, key, "decrypt") && isShort(data)
        ? inTurn(() => open(how, key, bytesOf(data)), data.byteLength)
        : subtle.decrypt(how, key, data),
    deriveBits: subtle.deriveBits.bind(subtle),
    deriveKey: subtle.deriveKey.bind(subtle),
    digest: (how, data) => {
      const hash = HASHES[nameOf(how)];
      if (!hash || !isShort(data)) return subtle.digest(how, data);
      return inTurn(() => bufferOf(node.createHash(hash).update(bytesOf(data)).digest()), data.byteLength);
    },
    encrypt: (how, key, data) =>
      isGcm(how, key, "encrypt") && isShort(data)
        ? inTurn(() => seal(how, key, bytesOf(data)), data.byteLength)
        : subtle.encrypt(how, key, data),
    exportKey: subtle.exportKey.bind(subtle),
    generateKey: subtle.generateKey.bind(subtle),
    importKey: subtle.importKey.bind(subtle),
    sign: (how, key, data) => {
      if (!isShort(data) || !key.usages.includes("sign")) return subtle.sign(how, key, data);
      const hash = isFor(key, how, "HMAC") && HASHES[hashOf(key.algorithm)];
      if (hash) return inTurn(() => authenticate(hash, key, bytesOf(data)), data.byteLength);
      if (!isEcdsa(how, key)) return subtle.sign(how, key, data);
      return inTurn(() => signature(key, bytesOf(data)), SIGNATURE);
    },
    unwrapKey: subtle.unwrapKey.bind(subtle),
    verify: subtle.verify.bind(subtle),
    wrapKey: subtle.wrapKey.bind(subtle),
  },
  getRandomValues: (array) => globalThis.crypto.getRandomValues(array),
  randomUUID: () => globalThis.crypto.randomUUID(),
};

/** What is done at once keeps timers and the network waiting: now and then they go first. */
async function inTurn<Result>(work: () => Result, cost: number): Promise<Result> {
  const result = work();
  worked += cost;
  if (worked >= TURN) {
    worked = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return result;
}

function seal({ iv, additionalData }: AesGcmParams, key: CryptoKey, plain: Uint8Array): ArrayBuffer {
  const cipher = node.createCipheriv("aes-256-gcm", keyOf(key), bytesOf(iv), { authTagLength: TAG });
  if (additionalData) cipher.setAAD(bytesOf(additionalData));
  const sealed = new Uint8Array(plain.length + TAG);
  sealed.set(cipher.update(plain));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plain.length);
  return sealed.buffer;
}

function open({ iv, additionalData }: AesGcmParams, key: CryptoKey, sealed: Uint8Array): ArrayBuffer {
  try {
    const end = sealed.length - TAG;
    const decipher = node.createDecipheriv("aes-256-gcm", keyOf(key), bytesOf(iv), { authTagLength: TAG });
    decipher.setAuthTag(sealed.subarray(end));
    if (additionalData) decipher.setAAD(bytesOf(additionalData));
    const plain = decipher.update(sealed.subarray(0, end));
    decipher.final();
    return bufferOf(plain);
  } catch {
    throw new DOMException("What is sealed does not open", "OperationError");
  }
}

function authenticate(hash: string, key: CryptoKey, data: Uint8Array): ArrayBuffer {
  return bufferOf(node.createHmac(hash, keyOf(key)).update(data).digest());
}

/** Node's own object for a key; the key stays as little extractable as it is. */
function keyOf(key: CryptoKey): node.KeyObject {
  const known = keys.get(key) ?? node.KeyObject.from(key as node.webcrypto.CryptoKey);
  keys.set(key, known);
  return known;
}

function signature(key: CryptoKey, data: Uint8Array): ArrayBuffer {
  return bufferOf(node.sign("sha256", data, { key: keyOf(key), dsaEncoding: "ieee-p1363" }));
}

// What is asked in any other way than the SDK does is passed on as it is, mistakes too.

const nameOf = (how: AlgorithmIdentifier): string => (typeof how === "string" ? how : how.name);
const isFor = (key: CryptoKey, how: AlgorithmIdentifier, name: string): boolean =>
  nameOf(how) === name && key.algorithm.name === name;
const hashOf = (how: object): string => ("hash" in how ? nameOf(how.hash as AlgorithmIdentifier) : "");
const isShort = (data: BufferSource): boolean => data.byteLength <= SHORT;

function isGcm(how: AlgorithmIdentifier, key: CryptoKey, use: KeyUsage): how is AesGcmParams {
  if (!isFor(key, how, "AES-GCM") || !key.usages.includes(use)) return false;
  const { iv, tagLength = 128 } = how as AesGcmParams;
  return (key.algorithm as AesKeyAlgorithm).length === 256 && iv?.byteLength === 12 && tagLength === 128;
}

function isEcdsa(how: AlgorithmIdentifier, key: CryptoKey): boolean {
  const { namedCurve } = key.algorithm as EcKeyAlgorithm;
  return isFor(key, how, "ECDSA") && namedCurve === "P-256" && hashOf(how as object) === "SHA-256";
}

function bytesOf(data: BufferSource): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** Node keeps what is small in one buffer for many: whoever is given it would see the others' bytes. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer {
  const own = buffer as ArrayBuffer;
  return own.byteLength === byteLength ? own : own.slice(byteOffset, byteOffset + byteLength);
}
