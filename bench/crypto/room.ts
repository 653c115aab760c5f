import { type Bytes, toHex } from "../../sdk/src/crypto/bytes/index.ts";
import type { Step } from "../../sdk/src/crypto/cipher.ts";
import {
  applyDeviceEntry,
  asSigner,
  type DeviceLog,
  hashName,
  makeIdentity,
  type Signer,
} from "../../sdk/src/crypto/device-log/index.ts";
import {
  createRsaAes,
  type Group,
  type Row,
  type RsaAes,
  startGroup,
  startRoom,
} from "../../sdk/src/crypto/group/index.ts";
import type { DeviceLogs, RoomChange } from "../../sdk/src/crypto/room-log/index.ts";
import { createSuite, type Suite, type WrapKeys } from "../../sdk/src/crypto/suite/index.ts";
import { nodeCrypto } from "../../sdk/src/node/crypto.ts";

export const suite = createSuite(nodeCrypto);
let clock = 1_750_000_000_000;
const nobody = new Uint8Array(16);
const nothing = new Uint8Array(32);

interface Member {
  log: DeviceLog;
  signer: Signer;
}

/** One device of the room, as the SDK runs it. */
export interface Device {
  /** In hexadecimal. */
  id: string;
  cipher: RsaAes;
  state: Group;
}

/** A room with an honest server. Two of its devices are played, the others only addressed. */
export interface Room {
  suite: Suite;
  ada: Device;
  ben: Device;
  devices: DeviceLogs;
}

export const given = ({ devices }: Pick<Room, "devices">) => ({ devices, time: ++clock });

/** @param size Members, with a device each. All have one RSA pair, which is what takes time to make. */
export async function meet(size: number, crypto: Crypto): Promise<Room> {
  const suite = createSuite(crypto);
  const keys = await suite.makeWrapKeys();
  const members: Member[] = [];
  for (let at = 0; at < size; at++) members.push(await join(suite, keys, `p${at}`));
  const logs = new Map(members.map(({ log }) => [toHex(log.user), log]));
  const [ada, ben] = members as [Member, Member];
  const id = suite.random(16);
  const devices: DeviceLogs = (user) => logs.get(toHex(user));
  const [one, other] = [await play(suite, ada, id, keys), await play(suite, ben, id, keys)];
  const room = { suite, ada: one, ben: other, devices };
  await take(room, await room.ada.cipher.create(id, founding, given(room)));
  await take(room, await room.ada.cipher.change(room.ada.state, members.slice(1).map(addition), given(room)));
  return room;
}

async function join(suite: Suite, { publicKey: wrapKey }: WrapKeys, name: string): Promise<Member> {
  const user = suite.random(16);
  const signer = await asSigner(suite, user, await suite.makeSigningKeys());
  const { nameHash } = await hashName(suite, name);
  const made = await makeIdentity(suite, { user, device: signer, wrapKey, nameHash, time: ++clock });
  const { log } = await applyDeviceEntry(suite, made.log, made.entry);
  return { log, signer };
}

async function play(
  suite: Suite,
  { log, signer }: Member,
  room: Bytes,
  { privateKey }: WrapKeys,
): Promise<Device> {
  const unwrap = (wrapped: Uint8Array, label: Uint8Array) => suite.unwrap(privateKey, wrapped, label);
  const cipher = createRsaAes(suite, { user: log.user, root: log.root, signer, unwrap });
  return { id: toHex(signer.id), cipher, state: startGroup(await startRoom(suite, room)) };
}

const founding = {
  op: "create",
  kind: "group",
  protocol: 1,
  suite: 1,
  history: "none",
  peer: nobody,
  peerRoot: nothing,
  peerHead: { seq: 0, hash: nothing },
} as const;
const addition = ({ log }: Member): RoomChange => ({
  op: "add",
  user: log.user,
  userRoot: log.root,
  userHead: log.head,
  role: 1,
  invite: nobody,
});

/** Gives the rows of a step to both devices. */
export async function take(room: Room, { entries, commit, wraps }: Step): Promise<void> {
  const first = room.ada.state.room.transcript.place.seq + 1;
  const rows: Row[] = entries.map((bytes, at) => ({ kind: "entry", bytes, place: first + at }));
  rows.push({ kind: "commit", bytes: commit, place: first + entries.length });
  for (const device of [room.ada, room.ben]) {
    const own = wraps.find(({ device: id }) => toHex(id) === device.id);
    for (const row of rows) await hear(room, device, row, own?.wrap);
  }
}

/** Applies a row, whatever it is. @throws where it is not valid */
export async function hear(room: Room, device: Device, row: Row, wrap?: Uint8Array) {
  const { state, effect } = await device.cipher.apply(device.state, row, {
    devices: room.devices,
    wrap: wrap ?? null,
  });
  if (effect.verdict !== "valid") throw new Error(`bench: row ${row.place} is void: ${effect.verdict.void}`);
  device.state = state;
  return effect;
}
