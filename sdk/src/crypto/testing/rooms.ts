import { type Bytes, concat, toHex } from "../bytes/index.ts";
import { NO_HEAD } from "../codec.ts";
import type { DeviceLog } from "../device-log/index.ts";
import {
  applyRoomEntry,
  type DeviceLogs,
  encodeRoomEntry,
  makeRoomEntry,
  memberOf,
  type Role,
  type RoomChange,
  type RoomEntry,
  type RoomLog,
  startRoomLog,
} from "../room-log/index.ts";
import { now, type Person, person, suite } from "./cast.ts";

/** Four people and a group of three of them, made anew for each file. */
export type Cast = Record<"ada" | "ben" | "cem" | "eve", Person>;
/** Everybody whom `meet` made: the server hides nobody's log. */
let everybody: Person[] = [];

/** Ada owns a group, ben is an admin of it, cem a member, and eve is outside. */
export async function meet(): Promise<{ cast: Cast; group: RoomLog }> {
  const [ada, ben, cem, eve] = await Promise.all(["ada", "ben", "cem", "eve"].map((name) => person(name)));
  const cast = { ada, ben, cem, eve } as Cast;
  everybody = Object.values(cast);
  let group = await newRoom(cast.ada);
  group = await must(group, cast.ada, add(cast.ben, 2));
  group = await must(group, cast.ben, add(cast.cem));
  return { cast, group };
}

export const nobody = new Uint8Array(16);
export const noRoot = new Uint8Array(32);

/** Everybody's device log, as a server that hides nothing gives it; later ones take the place of earlier ones. */
export const logsOf =
  (...people: { user: Bytes; log: DeviceLog }[]): DeviceLogs =>
  (user, root) =>
    people.findLast((one) => toHex(one.log.user) === toHex(user) && toHex(one.log.root) === toHex(root))?.log;

export async function act(
  log: RoomLog,
  who: Person,
  change: RoomChange,
  { device = who.phone, logs = logsOf(...everybody, who), place = log.place + 1 } = {},
) {
  const row = await makeRoomEntry(suite, log, { ...change, time: now() }, { log: who.log, device });
  return { row, ...(await applyRoomEntry(suite, log, { bytes: row, place }, logs)) };
}

/** As `act`, for what has to be valid. */
export async function must(...given: Parameters<typeof act>): Promise<RoomLog> {
  const [, , change] = given;
  const { log, verdict } = await act(...given);
  if (verdict !== "valid") throw new Error(`room: ${change.op} is void: ${verdict.void}`);
  return log;
}

export const create = (given: Partial<Extract<RoomChange, { op: "create" }>> = {}): RoomChange => ({
  op: "create",
  kind: "group",
  protocol: 1,
  suite: 1,
  history: "none",
  peer: nobody,
  peerRoot: noRoot,
  peerHead: NO_HEAD,
  ...given,
});
export const add = (who: Person, role: Role = 1, invite: Bytes = nobody): RoomChange => ({
  op: "add",
  user: who.user,
  userRoot: who.log.root,
  userHead: who.log.head,
  role,
  invite,
});
export const remove = ({ user }: Person): RoomChange => ({ op: "remove", user });
export const setRole = ({ user }: Person, role: Role): RoomChange => ({ op: "role", user, role });
export const invite = (id: Bytes, given: { role?: Role; uses?: number } = {}): RoomChange => ({
  op: "invite",
  invite: id,
  role: 1,
  uses: 1,
  expires: 0,
  secretHash: noRoot,
  ...given,
});
export const evict = ({ user }: Person): RoomChange => ({ op: "evict", user });
export const LEAVE: RoomChange = { op: "leave" };
export const DELETE: RoomChange = { op: "delete" };

export async function newRoom(
  owner: Person,
  room: Bytes = suite.random(16),
  change = create(),
): Promise<RoomLog> {
  return must(startRoomLog(room), owner, change);
}

/** The server's marker. */
export async function erase(
  log: RoomLog,
  { user, log: { root } }: Person,
  given: Partial<RoomEntry> = {},
  signature = new Uint8Array(64),
) {
  const entry = {
    room: log.room,
    seq: log.rows + 1,
    prev: noRoot,
    op: "erased",
    author: nobody,
    root: noRoot,
    device: nobody,
    deviceHead: NO_HEAD,
    time: now(),
    user,
    userRoot: root,
    ...given,
  } as RoomEntry;
  const bytes = concat(encodeRoomEntry(entry), signature);
  return applyRoomEntry(suite, log, { bytes, place: log.place + 1 }, logsOf());
}

export const roleOf = (log: RoomLog, who: Person): number => memberOf(log, who.user)?.role ?? 0;
