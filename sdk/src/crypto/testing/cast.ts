import { type Bytes, concat, fromHex } from "../bytes/index.ts";
import {
  applyDeviceEntry,
  asSigner,
  type DeviceLog,
  hashName,
  makeDeviceEntry,
  makeIdentity,
  type Signer,
} from "../device-log/index.ts";
import { createSuite } from "../suite/index.ts";

/** The people of the tests, and what they hold. Nothing here is shipped. */
export const suite = createSuite();

/** Passes for a wrap key, wraps nothing, and takes no second to make. */
export function cheapWrapKey(): Bytes {
  const modulus = suite.random(384);
  modulus[0] = 0xff;
  modulus[383] = 0x01;
  const prefix = fromHex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100");
  return concat(prefix, modulus, fromHex("0203010001"));
}

export interface Person {
  name: string;
  user: Bytes;
  log: DeviceLog;
  /** The first device. */
  phone: Signer;
  /** What opens the name in the first entry. */
  opening: Bytes;
  /** The rows of the log. */
  rows: Bytes[];
}

let time = 1_700_000_000_000;
/** No two calls give the same time, and none is the real one. */
export const now = (): number => ++time;

export async function person(
  name: string,
  user: Bytes = suite.random(16),
  wrapKey: Bytes = cheapWrapKey(),
): Promise<Person> {
  const { nameHash, opening } = await hashName(suite, name);
  const phone = await newSigner(user);
  const given = { user, device: phone, wrapKey, nameHash, time: now() };
  const made = await makeIdentity(suite, given);
  const { log, verdict } = await applyDeviceEntry(suite, made.log, made.entry);
  if (verdict !== "valid") throw new Error(`cast: ${name}'s first entry is void: ${verdict.void}`);
  return { name, user, log, phone, opening, rows: [made.entry] };
}

/** Adds a row to somebody's log, whatever it is worth. */
export async function append(who: Person, row: Bytes) {
  const { log, verdict } = await applyDeviceEntry(suite, who.log, row);
  return { verdict, who: { ...who, log, rows: [...who.rows, row] } };
}

export async function newSigner(user: Bytes): Promise<Signer> {
  return asSigner(suite, user, await suite.makeSigningKeys());
}

export const addChange = (signer: Signer, temporary = false) => ({
  op: "add" as const,
  temporary,
  wrapKey: cheapWrapKey(),
  signingKey: signer.publicKey,
  nameHash: new Uint8Array(32),
  time: now(),
});

/** Adds a device to somebody's log. */
export async function addDevice(who: Person, { signer = who.phone, temporary = false } = {}) {
  const device = await newSigner(who.user);
  const change = addChange(device, temporary);
  const row = await makeDeviceEntry(suite, who.log, change, { signer, added: device });
  return { ...(await append(who, row)), device, row };
}

export async function revoke(who: Person, ids: Bytes[], signer: Signer = who.phone) {
  const sorted = [...ids].sort((one, other) => Buffer.compare(one, other));
  const row = await makeDeviceEntry(suite, who.log, { op: "revoke", keys: sorted, time: now() }, { signer });
  return append(who, row);
}

/** Each bit of one byte per place flipped, one at a time; and bytes cut and added at either end. */
export function* damages(bytes: Uint8Array, every = 1): Generator<Bytes> {
  for (let at = 0; at < bytes.length; at += every) {
    yield Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte));
  }
  yield bytes.slice(0, -1) as Bytes;
  yield bytes.slice(1) as Bytes;
  yield concat(bytes, Uint8Array.of(0));
  yield concat(Uint8Array.of(1), bytes);
  yield new Uint8Array();
}

/** The same signature with the other of its two s. */
export function otherS(signature: Uint8Array): Bytes {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = n - BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  return concat(signature.subarray(0, 32), fromHex(s.toString(16).padStart(64, "0")));
}
