import { createHash } from "node:crypto";

/**
 * Entries, commits and messages in the layouts of docs/protocol.md, with zeros for signatures, which the database does
 * not judge. A user's keys follow from their id and a name.
 */
export interface Somebody {
  id: string;
}

const u = (width: number, value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - width);
};
const nil = (length: number): Buffer => Buffer.alloc(length);
const uuid = (id: string): Buffer => Buffer.from(id.replaceAll("-", ""), "hex");
const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

export const text = (bytes: Buffer): string => bytes.toString("base64url");
export const toUuid = (bytes: Buffer): string =>
  bytes
    .subarray(0, 16)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** H of §2. */
export const hash = (tag: string, ...parts: Buffer[]): Buffer =>
  sha256(Buffer.concat([Buffer.from(`trackit/1/${tag}\0`), ...parts]));

/** T_n from T_{n-1}: §13.3. */
export const nextTranscript = (before: Buffer, row: Buffer): Buffer => hash("transcript", before, row);
export const transcriptStart = (room: string): Buffer => hash("transcript-start", uuid(room));

const key = (who: Somebody, name: string): Buffer =>
  Buffer.concat([u(1, 4), createHash("sha512").update(`${who.id} ${name}`).digest()]);
export const device = (who: Somebody, name = "phone"): Buffer =>
  hash("device-id", uuid(who.id), key(who, name)).subarray(0, 16);

const deviceEntry = (who: Somebody, seq: number, op: number, data: Buffer, root: Buffer): Buffer =>
  Buffer.concat([
    u(1, 1),
    uuid(who.id),
    root,
    u(8, seq),
    nil(32),
    u(1, op),
    device(who),
    u(8, 1),
    data,
    nil(128),
  ]);
const added = (who: Somebody, name: string): Buffer => Buffer.concat([nil(423), key(who, name), nil(32)]);

export const firstDevice = (who: Somebody): Buffer => deviceEntry(who, 1, 1, added(who, "phone"), nil(32));
export const rootOf = (who: Somebody): Buffer => hash("device-entry", firstDevice(who).subarray(0, -128));
export const addDevice = (who: Somebody, seq: number, name: string): Buffer =>
  deviceEntry(who, seq, 1, added(who, name), rootOf(who));
export const revokeDevice = (who: Somebody, seq: number, name: string): Buffer =>
  deviceEntry(who, seq, 2, Buffer.concat([u(2, 1), device(who, name)]), rootOf(who));

/** The id that two people's direct room has: §11.2. */
export function directRoom(one: Somebody, other: Somebody): string {
  const sides = [one, other].map((who) => Buffer.concat([uuid(who.id), rootOf(who)])).sort(Buffer.compare);
  return toUuid(hash("direct-room", ...sides));
}

export function roomEntry(
  room: string,
  seq: number,
  op: number,
  who: Somebody,
  data: Buffer = nil(0),
): Buffer {
  const head = [u(1, 1), uuid(room), u(8, seq), nil(32), u(1, op)];
  return Buffer.concat([...head, uuid(who.id), rootOf(who), device(who), nil(40), u(8, 1), data, nil(64)]);
}
/** What a room is made as: a group shows newcomers what was said before. */
export const createData = (kind: 1 | 2 | 3, peer?: Somebody): Buffer =>
  Buffer.concat([
    u(1, kind),
    u(3, kind === 1 ? 0x010101 : 0x010100),
    peer ? Buffer.concat([uuid(peer.id), rootOf(peer), nil(40)]) : nil(88),
  ]);
export const addData = (who: Somebody, role = 1): Buffer =>
  Buffer.concat([uuid(who.id), rootOf(who), nil(40), u(1, role), nil(16)]);
export const named = (who: Somebody): Buffer => uuid(who.id);

/** A commit with one device of each member, whose `seen` is later than any row, and the wraps that go with it. */
export function commit(
  room: string,
  epoch: number,
  by: Somebody,
  members: readonly Somebody[],
): { commit: string; wraps: string[] } {
  const core = [
    u(2, 0x0101),
    uuid(room),
    u(8, epoch),
    nil(112),
    u(8, Number.MAX_SAFE_INTEGER),
    nil(32),
    u(1, 2),
    uuid(by.id),
    device(by),
    u(8, 1),
    nil(32),
  ];
  const rows = members.map((who) => ({ who, wrap: Buffer.concat([u(8, epoch), device(who), nil(360)]) }));
  const list = rows.map(({ who, wrap }) =>
    Buffer.concat([uuid(who.id), nil(40), device(who), nil(32), sha256(wrap)]),
  );
  const whole = Buffer.concat([...core, u(2, rows.length), ...list, nil(64)]);
  return { commit: text(whole), wraps: rows.map(({ wrap }) => text(wrap)) };
}

interface Message {
  epoch: number;
  seq: number;
  id?: string;
  size?: number;
}

export function message(room: string, by: Somebody, { epoch, seq, id, size = 328 }: Message): Buffer {
  const head = [u(3, 0x010101), uuid(room), u(8, epoch), nil(32), device(by), u(8, seq)];
  const rest = [uuid(id ?? crypto.randomUUID()), nil(112), u(8, 1), u(4, size), nil(size), nil(64)];
  return Buffer.concat([...head, ...rest]);
}
export const messageHash = (whole: Buffer): Buffer =>
  hash("message", whole.subarray(0, 219), sha256(whole.subarray(223, -64)));

/** An item of one's vault: `filling` is what two of one version differ in. */
export function vaultItem(item: string, version: number, filling = 0): Buffer {
  return Buffer.concat([
    u(2, 0x0101),
    nil(16),
    u(8, 1),
    nil(32),
    u(1, 1),
    uuid(item),
    u(8, version),
    u(8, filling),
    nil(64),
  ]);
}

/** What grants the first epoch of a room to a phone, of the least length. */
export function grant(room: string, by: Somebody, to: Somebody): Buffer {
  const head = [u(2, 0x0101), uuid(room), uuid(by.id), device(by), nil(40), uuid(to.id), device(to), nil(32)];
  return Buffer.concat([...head, u(8, 1), u(8, 1), nil(392), u(4, 112), nil(176)]);
}
