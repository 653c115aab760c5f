import { type Bytes, concat } from "../bytes/index.ts";
import { NO_HEAD } from "../codec.ts";
import type { SigningKeys, Suite } from "../suite/index.ts";
import { TAGS, type Tag } from "../tags.ts";
import { deviceId } from "./apply.ts";
import { type DeviceChange, encodeDeviceEntry } from "./layout.ts";
import { type DeviceLog, startDeviceLog } from "./state.ts";

/** Somebody who signs: a device, or a recovery key. Its private key may live elsewhere, as in a keystore. */
export interface Signer {
  id: Bytes;
  /** 65 bytes. */
  publicKey: Bytes;
  /** As `Suite.sign` under this id. @returns 64 bytes. */
  sign(tag: Tag, objectHash: Uint8Array): Promise<Bytes>;
}

export async function asSigner(suite: Suite, user: Uint8Array, keys: SigningKeys): Promise<Signer> {
  const id = await deviceId(suite, user, keys.publicKey);
  return { id, publicKey: keys.publicKey, sign: (tag, hash) => suite.sign(keys, tag, hash, id) };
}

const entryHash = (suite: Suite, body: Uint8Array) => suite.hash(TAGS.deviceEntry, body);

/**
 * The first entry of a new identity.
 *
 * @param nameHash From `hashName`.
 * @returns The entry, and the empty log of the root that it makes.
 */
export async function makeIdentity(
  suite: Suite,
  given: { user: Bytes; device: Signer; wrapKey: Bytes; nameHash: Bytes; time: number },
): Promise<{ entry: Bytes; log: DeviceLog }> {
  const { device } = given;
  const body = encodeDeviceEntry({
    user: given.user,
    root: NO_HEAD.hash,
    seq: 1,
    prev: NO_HEAD.hash,
    op: "add",
    signer: device.id,
    time: given.time,
    temporary: false,
    wrapKey: given.wrapKey,
    signingKey: device.publicKey,
    nameHash: given.nameHash,
  });
  const root = await entryHash(suite, body);
  const signature = await device.sign(TAGS.deviceEntrySig, root);
  const added = await signAddedKey(suite, device, body);
  return { entry: concat(body, signature, added), log: startDeviceLog(given.user, root) };
}

/** The next entry up to and with the signer's signature: what is missing is the added key's, or zeros. */
export async function signDeviceChange(
  suite: Suite,
  log: DeviceLog,
  change: DeviceChange & { time: number },
  signer: Signer,
): Promise<Bytes> {
  const place = { user: log.user, root: log.root, seq: log.rows + 1, prev: log.head.hash };
  const body = encodeDeviceEntry({ ...change, ...place, signer: signer.id });
  const hash = await entryHash(suite, body);
  return concat(body, await signer.sign(TAGS.deviceEntrySig, hash));
}

/** The added key's own signature. @param body The entry without signatures. */
export async function signAddedKey(suite: Suite, added: Signer, body: Uint8Array): Promise<Bytes> {
  return added.sign(TAGS.deviceKeySig, await entryHash(suite, body));
}

/**
 * The next entry, whole.
 *
 * @param added The key that the change adds, where this device holds it.
 */
export async function makeDeviceEntry(
  suite: Suite,
  log: DeviceLog,
  change: DeviceChange & { time: number },
  { signer, added }: { signer: Signer; added?: Signer },
): Promise<Bytes> {
  const partial = await signDeviceChange(suite, log, change, signer);
  const body = partial.subarray(0, partial.length - 64);
  return concat(partial, added ? await signAddedKey(suite, added, body) : new Uint8Array(64));
}
