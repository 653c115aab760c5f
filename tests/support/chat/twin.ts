import { toUuid } from "../../../sdk/src/chat/ids.ts";
import { giveHistory } from "../../../sdk/src/chat/room/grants.ts";
import { type Bytes, toBase64url } from "../../../sdk/src/crypto/bytes/index.ts";
import { NO_HEAD } from "../../../sdk/src/crypto/codec.ts";
import type { DeviceLog } from "../../../sdk/src/crypto/device-log/index.ts";
import { createRsaAes, startGroup, startRoom } from "../../../sdk/src/crypto/group/index.ts";
import type { Talker } from "../../story/chat-kit.ts";
import type { Insider } from "./people.ts";
import type { WireRow } from "./rows.ts";

async function listOf({ core }: Insider, userId: string): Promise<DeviceLog> {
  const log = await core.directory.present(userId, "a lie");
  if (!log) throw new Error(`reading the devices of ${userId}: there are none; wanted some`);
  return log;
}

/** The first rows of another room under the same id, in which somebody else is a member, and the wrap for them. */
export async function twinRoom(
  insider: Insider,
  room: Bytes,
  member: Talker,
): Promise<{ rows: WireRow[]; wrap: string }> {
  const { directory, me, suite } = insider.core;
  const { head, root, user } = await listOf(insider, member.id);
  const nobody = { peer: new Uint8Array(16), peerRoot: new Uint8Array(32), peerHead: NO_HEAD };
  const create = { op: "create", kind: "group", protocol: 1, suite: 1, history: "none", ...nobody } as const;
  const who = { user, userRoot: root, userHead: head };
  const add = { op: "add", ...who, role: 1, invite: new Uint8Array(16) } as const;
  const cipher = createRsaAes(suite, { ...me, newSecret: () => me.newSecret() });
  const given = { devices: directory.logs, time: Date.now() };
  const step = await cipher.change(startGroup(await startRoom(suite, room)), [create, add], given);
  const row = (kind: WireRow["kind"], bytes: Uint8Array): WireRow => {
    return { seq: 0, kind, by: insider.id, at: new Date().toISOString(), bytes: toBase64url(bytes) };
  };
  const device = (await member.trackit.devices.me()).id;
  const wrap = step.wraps.find((one) => toUuid(one.device) === device)?.wrap;
  if (!wrap) throw new Error("making a twin of a room: no wrap for its member; wanted one");
  const rows = [...step.entries.map((entry) => row("entry", entry)), row("commit", step.commit)];
  return { rows, wrap: toBase64url(wrap) };
}

/** Everything that a member can read, for another's devices, whether the room's policy lets them or not. */
export async function giveAll(insider: Insider, room: string, to: string): Promise<void> {
  const { root, user } = await listOf(insider, to);
  await giveHistory(await insider.room(room), user, root);
}
