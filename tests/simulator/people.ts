import { type Bytes, toHex } from "../../sdk/src/crypto/bytes/index.ts";
import {
  applyDeviceEntry,
  asSigner,
  makeDeviceEntry,
  makeIdentity,
} from "../../sdk/src/crypto/device-log/index.ts";
import { cheapWrapKey } from "../../sdk/src/crypto/testing/cast.ts";
import type { Device, Person, World } from "./world.ts";

export async function newDevice(world: World, user: Bytes): Promise<Device> {
  const signer = await asSigner(world.suite, user, await world.suite.makeSigningKeys());
  return { signer, wrapKey: cheapWrapKey(), stolen: false };
}

export async function newPerson(world: World, name: string): Promise<Person> {
  const { suite, truth } = world;
  const user = suite.random(16);
  const device = await newDevice(world, user);
  const made = await makeIdentity(suite, {
    user,
    device: device.signer,
    wrapKey: device.wrapKey,
    nameHash: await suite.sha256(new TextEncoder().encode(name)),
    time: ++world.time,
  });
  const { log } = await applyDeviceEntry(suite, made.log, made.entry);
  truth.wrapKeys.set(toHex(device.signer.id), toHex(device.wrapKey));
  return { name, user, log, rows: [made.entry], devices: [device], revoked: new Set() };
}

/** Whatever is appended stands in the log: that the owner has not signed it, readers find out. */
export async function appendRow(world: World, who: Person, row: Bytes): Promise<boolean> {
  const { log, verdict } = await applyDeviceEntry(world.suite, who.log, row);
  who.rows.push(row);
  who.log = log;
  return verdict === "valid";
}

const adding = (device: Device, time: number) => ({
  op: "add" as const,
  temporary: false,
  wrapKey: device.wrapKey,
  signingKey: device.signer.publicKey,
  nameHash: new Uint8Array(32),
  time,
});

/** The owner adds a device from one of the others. */
export async function approve(world: World, who: Person, by: Device): Promise<Device | null> {
  const device = await newDevice(world, who.user);
  const row = await makeDeviceEntry(world.suite, who.log, adding(device, ++world.time), {
    signer: by.signer,
    added: device.signer,
  });
  if (!(await appendRow(world, who, row))) return null;
  world.truth.wrapKeys.set(toHex(device.signer.id), toHex(device.wrapKey));
  who.devices.push(device);
  return device;
}

export async function revoke(world: World, who: Person, device: Device, by: Device): Promise<boolean> {
  const change = { op: "revoke" as const, keys: [device.signer.id], time: ++world.time };
  if (
    !(await appendRow(world, who, await makeDeviceEntry(world.suite, who.log, change, { signer: by.signer })))
  )
    return false;
  who.revoked.add(toHex(device.signer.id));
  return true;
}

/** The server adds a device of its own to somebody's log, signed by nobody that the log knows. */
export async function slipIn(world: World, who: Person): Promise<void> {
  const device = await newDevice(world, who.user);
  const stranger = await newDevice(world, who.user);
  const own = who.devices[0] as Device;
  const signer = world.dice.chance(0.5) ? stranger.signer : { ...stranger.signer, id: own.signer.id };
  const row = await makeDeviceEntry(world.suite, who.log, adding(device, ++world.time), {
    signer,
    added: device.signer,
  });
  await appendRow(world, who, row);
}
