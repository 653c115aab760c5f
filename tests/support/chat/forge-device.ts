import { toUuid } from "../../../sdk/src/chat/ids.ts";
import { type Bytes, concat, equal, fromHex, toBase64url } from "../../../sdk/src/crypto/bytes/index.ts";
import { asSigner, type DeviceLog, makeDeviceEntry } from "../../../sdk/src/crypto/device-log/index.ts";
import type { Recipient } from "../../../sdk/src/crypto/epoch/index.ts";
import type { Suite } from "../../../sdk/src/crypto/suite/index.ts";
import type { Insider } from "./people.ts";

/** What passes for an RSA modulus of 3,072 bits, and took no second to make. */
export function modulus(suite: Suite): Bytes {
  const n = suite.random(384);
  n[0] = 0xff;
  n[383] = 1;
  return n;
}

/** SPKI of an RSA key with this n, as docs/protocol.md §3.2 has it. */
export const spki = (n: Bytes, exponent = "0203010001"): Bytes =>
  concat(fromHex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100"), n, fromHex(exponent));

async function ownLog({ core, id }: Insider): Promise<DeviceLog> {
  const log = await core.directory.present(id, "a lie");
  if (!log) throw new Error(`reading the devices of ${id}: there are none; wanted some`);
  return log;
}

export const ownRows = async (insider: Insider): Promise<number> => (await ownLog(insider)).rows;

/** An entry that adds a device to a member's own list, signed by theirs and by its own key. */
export async function newDevice(insider: Insider, wrapKey?: Bytes, signingKey?: Bytes): Promise<Bytes> {
  const { suite, me } = insider.core;
  const log = await ownLog(insider);
  const added = await asSigner(suite, log.user, await suite.makeSigningKeys());
  const adding = {
    op: "add",
    temporary: false,
    wrapKey: wrapKey ?? spki(modulus(suite)),
    signingKey: signingKey ?? added.publicKey,
    nameHash: new Uint8Array(32),
    time: Date.now(),
  } as const;
  return makeDeviceEntry(suite, log, adding, { signer: me.signer, added });
}

/** One more device of a member's, and its end. */
export async function secondDevice(insider: Insider): Promise<{ id: string; revoke(): Promise<Bytes> }> {
  const { suite, me } = insider.core;
  const known = new Set([...(await ownLog(insider)).keys.keys()]);
  await insider.ask("append_device_entry", { entry: toBase64url(await newDevice(insider)), opening: null });
  const keys = [...(await ownLog(insider)).keys].find(([name]) => !known.has(name));
  if (!keys) throw new Error("adding a device: it is not in the list; wanted it there");
  const [, { id }] = keys;
  const revoke = async (): Promise<Bytes> => {
    const ending = { op: "revoke", keys: [id], time: Date.now() } as const;
    return makeDeviceEntry(suite, await ownLog(insider), ending, { signer: me.signer });
  };
  return { id: toUuid(id), revoke };
}

/** So many bytes under somebody's wrap key, which the SDK would refuse to wrap. */
export async function wrapOf(
  { subtle, random }: Suite,
  wrapKey: Bytes,
  length: number,
  label: Bytes,
): Promise<Bytes> {
  const oaep = { name: "RSA-OAEP", hash: "SHA-256" };
  const key = await subtle.importKey("spki", wrapKey, oaep, false, ["encrypt"]);
  return new Uint8Array(await subtle.encrypt({ name: "RSA-OAEP", label }, key, random(length)));
}

/** A list with one more device, at the head of its user's log that its row names. */
export function withRow(list: readonly Recipient[], row: Recipient): Recipient[] {
  const rows = list.map((one) => (equal(one.user, row.user) ? { ...one, head: row.head } : one));
  return [...rows, row].sort((a, b) => Buffer.compare(concat(a.user, a.device), concat(b.user, b.device)));
}
