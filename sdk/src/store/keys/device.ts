import type { Bytes } from "../../crypto/bytes/index.ts";
import { createSuite, isWrapKey, type Suite } from "../../crypto/suite/index.ts";
import type { Tag } from "../../crypto/tags.ts";
import { invalid } from "../../failure/invalid.ts";
import type { Device } from "./shelf.ts";
import type { DeviceKeys, Recipient } from "./types.ts";

const SIGN = { name: "ECDSA", namedCurve: "P-256" };
const WRAP = { name: "RSA-OAEP", hash: "SHA-256" };
const MAKE_WRAP = { ...WRAP, modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) };

/** As in `seal.ts`; here for the two keys of a device alone. */
const NONCE_BYTES = 12;

/**
 * A new device's keys: RSA takes 0.3 s, at worst some seconds.
 *
 * @param extractable only to be written, wrapped, into a file.
 */
export async function makeDevice(extractable = false): Promise<Device> {
  const { subtle } = crypto;
  const [sign, wrap] = await Promise.all([
    subtle.generateKey(SIGN, extractable, ["sign", "verify"]),
    subtle.generateKey(MAKE_WRAP, extractable, ["wrapKey", "unwrapKey"]),
  ]);
  const publicKeys: DeviceKeys = {
    sign: new Uint8Array(await subtle.exportKey("raw", sign.publicKey)),
    wrap: new Uint8Array(await subtle.exportKey("spki", wrap.publicKey)),
  };
  return { public: publicKeys, sign: sign.privateKey, wrap: wrap.privateKey };
}

/** The private halves as PKCS#8 under a key, without their bytes ever being a script's. */
export async function sealDevice(key: CryptoKey, device: Device): Promise<{ sign: Bytes; wrap: Bytes }> {
  const seal = async (one: CryptoKey): Promise<Bytes> => {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const sealed = new Uint8Array(await crypto.subtle.wrapKey("pkcs8", one, key, { name: "AES-GCM", iv }));
    return new Uint8Array([...iv, ...sealed]);
  };
  return { sign: await seal(device.sign), wrap: await seal(device.wrap) };
}

/** The opposite of `sealDevice`: from here on the keys are not extractable. */
export async function openDevice(
  key: CryptoKey,
  publicKeys: DeviceKeys,
  sealed: { sign: Uint8Array; wrap: Uint8Array },
): Promise<Device> {
  const open = (bytes: Uint8Array, kind: Algorithm, uses: KeyUsage[]): Promise<CryptoKey> => {
    const iv = new Uint8Array(bytes.subarray(0, NONCE_BYTES));
    const body = new Uint8Array(bytes.subarray(NONCE_BYTES));
    return crypto.subtle.unwrapKey("pkcs8", body, key, { name: "AES-GCM", iv }, kind, false, uses);
  };
  return {
    public: publicKeys,
    sign: await open(sealed.sign, SIGN, ["sign"]),
    wrap: await open(sealed.wrap, WRAP, ["unwrapKey"]),
  };
}

/** Kept: it knows what every signature of a key needs. Made late: a page without WebCrypto is told so by then. */
let suite: Suite | undefined;

/** As suite 1 signs. */
export function signAs(device: Device, tag: Tag, hash: Uint8Array, signer: Uint8Array): Promise<Bytes> {
  const keys = { publicKey: device.public.sign, privateKey: device.sign };
  suite ??= createSuite();
  return suite.sign(keys, tag, hash, signer);
}

/** Wraps an extractable secret for one device. @throws USAGE_INVALID for a public key of another form. */
export async function wrapFor(secret: CryptoKey, { wrap, label }: Recipient): Promise<Bytes> {
  if (!isWrapKey(wrap)) {
    throw invalid("keystore.wrap", "wrap", `${wrap.length} bytes`, "the SPKI of an RSA key of 3072 bits");
  }
  const key = await crypto.subtle.importKey("spki", new Uint8Array(wrap), WRAP, false, ["wrapKey"]);
  const how = { name: "RSA-OAEP", label: new Uint8Array(label) };
  return new Uint8Array(await crypto.subtle.wrapKey("raw", secret, key, how));
}
