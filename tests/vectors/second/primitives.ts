import {
  constants,
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  sign as signWith,
  verify as verifyWith,
} from "node:crypto";
import { number } from "./sheet.ts";

/** §2–§4 over node:crypto, apart from WebCrypto and from the SDK. */
const P256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ZERO = Buffer.of(0);
export const join = (...parts: (Buffer | string)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));
export const t = (name: string) => Buffer.from(`trackit/1/${name}\0`, "latin1");
export const sha256 = (...parts: Buffer[]) =>
  createHash("sha256")
    .update(join(...parts))
    .digest();
export const sha512 = (...parts: Buffer[]) =>
  createHash("sha512")
    .update(join(...parts))
    .digest();
export const H = (tag: string, ...parts: Buffer[]) => sha256(t(tag), ...parts);
export const mac = (key: Buffer, tag: string, ...parts: Buffer[]) =>
  createHmac("sha512", key)
    .update(join(t(tag), ...parts))
    .digest();

export function expand(key: Buffer, info: Buffer, length: number): Buffer {
  const blocks = [Buffer.alloc(0)];
  for (let at = 1; (at - 1) * 64 < length; at++) {
    blocks.push(
      createHmac("sha512", key)
        .update(join(blocks.at(-1) as Buffer, info, Buffer.of(at)))
        .digest(),
    );
  }
  return join(...blocks).subarray(0, length);
}
export const hkdf = (ikm: Buffer, salt: Buffer, info: Buffer) =>
  Buffer.from(hkdfSync("sha512", ikm, salt, info, 32));

/** Bytes that a name stands for, so that a vector can be made again. */
export function seeded(name: string, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at * 32 < length; at++) blocks.push(sha256(Buffer.from(`${name}#${at}`)));
  return join(...blocks).subarray(0, length);
}

export interface Signing {
  publicKey: Buffer;
  scalar: Buffer;
  key: KeyObject;
}

export function signing(scalar: Buffer): Signing {
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(scalar);
  const publicKey = pair.getPublicKey();
  const [x, y, d] = [publicKey.subarray(1, 33), publicKey.subarray(33), scalar].map((part) =>
    part.toString("base64url"),
  );
  return {
    publicKey,
    scalar,
    key: createPrivateKey({ key: { kty: "EC", crv: "P-256", x, y, d } as never, format: "jwk" }),
  };
}

const signed = (tag: string, hash: Buffer, id: Buffer, key: Buffer) => join(t(tag), hash, id, sha256(key));

export function sign(by: Signing, tag: string, hash: Buffer, id: Buffer): Buffer {
  const raw = signWith("sha256", signed(tag, hash, id, by.publicKey), {
    key: by.key,
    dsaEncoding: "ieee-p1363",
  });
  const s = BigInt(`0x${raw.toString("hex", 32)}`);
  if (s <= (P256 - 1n) / 2n) return raw;
  return join(raw.subarray(0, 32), Buffer.from((P256 - s).toString(16).padStart(64, "0"), "hex"));
}

export function verify(publicKey: Buffer, signature: Buffer, tag: string, hash: Buffer, id: Buffer): boolean {
  const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map((part) =>
    part.toString("base64url"),
  );
  const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y } as never, format: "jwk" });
  const low = BigInt(`0x${signature.toString("hex", 32)}`) <= (P256 - 1n) / 2n;
  const input = signed(tag, hash, id, publicKey);
  return low && verifyWith("sha256", input, { key, dsaEncoding: "ieee-p1363" }, signature);
}

const oaep = (key: KeyObject, oaepLabel: Buffer) => ({
  key,
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: "sha256",
  oaepLabel,
});
export const spki = (key: KeyObject) => createPublicKey(key).export({ type: "spki", format: "der" });
export const wrap = (key: KeyObject, secret: Buffer, label: Buffer) =>
  publicEncrypt(oaep(createPublicKey(key), label), secret);
export const unwrap = (key: KeyObject, wrapped: Buffer, label: Buffer) =>
  privateDecrypt(oaep(key, label), wrapped);

const CHUNK = 16_384;
const C2SP = Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", "latin1");

function parts(key: Buffer, salt: Buffer, context: Buffer) {
  const okm = expand(key, join(C2SP, salt, context), 76);
  const nonce = (at: number) => {
    const bytes = Buffer.from(okm.subarray(32, 44));
    bytes.writeUInt32BE((bytes.readUInt32BE(8) ^ at) >>> 0, 8);
    return bytes;
  };
  return { aes: okm.subarray(0, 32), nonce, commitment: okm.subarray(44) };
}

export function seal(key: Buffer, salt: Buffer, context: Buffer, plain: Buffer): Buffer {
  const { aes, nonce, commitment } = parts(key, salt, context);
  const chunks = Array.from({ length: Math.floor(plain.length / CHUNK) + 1 }, (_, at) => {
    const gcm = createCipheriv("aes-256-gcm", aes, nonce(at));
    return join(gcm.update(plain.subarray(at * CHUNK, (at + 1) * CHUNK)), gcm.final(), gcm.getAuthTag());
  });
  return join(salt, commitment, ...chunks);
}

export function open(key: Buffer, context: Buffer, sealed: Buffer): Buffer {
  const { aes, nonce, commitment } = parts(key, sealed.subarray(0, 24), context);
  if (!sealed.subarray(24, 56).equals(commitment)) throw new Error("commitment");
  const chunks: Buffer[] = [];
  for (let at = 56, i = 0; ; at += CHUNK + 16, i++) {
    const chunk = sealed.subarray(at, at + CHUNK + 16);
    const gcm = createDecipheriv("aes-256-gcm", aes, nonce(i));
    gcm.setAuthTag(chunk.subarray(-16));
    chunks.push(gcm.update(chunk.subarray(0, -16)), gcm.final());
    if (chunk.length < CHUNK + 16) return join(...chunks);
  }
}

/** §15.4 */
export function pad(payload: Buffer): Buffer {
  const length = 4 + payload.length;
  const e = Math.floor(Math.log2(length));
  const step = 2 ** (e - (Math.floor(Math.log2(e)) + 1));
  const total = Math.max(256, Math.ceil(length / step) * step);
  return join(number(4, payload.length), payload, Buffer.alloc(total - length));
}

export function unpad(padded: Buffer): Buffer {
  const payload = padded.subarray(4, 4 + padded.readUInt32BE(0));
  if (!pad(payload).equals(padded)) throw new Error("padding");
  return payload;
}

export { ZERO };
