import { concat, equal, toHex } from "../../crypto/bytes/index.ts";
import { decodeRoomEntry, memberOf } from "../../crypto/room-log/index.ts";
import type { Core } from "../core.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { RoomReset } from "../types.ts";
import type { RoomEngine } from "./engine.ts";
import type { Folded } from "./fold.ts";

const ROOT_BYTES = 32;
const prefix = (room: Uint8Array): string => `reset/${toHex(room)}/`;

/** Keeps that somebody's identity ended here, by a valid row of the room's log: the row is judged once, the line stays. */
export async function noteReset({ keystore, me }: Core, { effect, row }: Folded): Promise<void> {
  if (row.kind !== "entry" || effect.verdict !== "valid") return;
  const { entry } = decodeRoomEntry(row.bytes);
  if (entry.op !== "erased" || equal(entry.user, me.user)) return;
  const record = prefix(entry.room) + toUuid(entry.user);
  const before = await keystore.get(record);
  if (before && equal(before.slice(0, ROOT_BYTES), entry.userRoot)) return;
  await keystore.batch([{ record, value: concat(entry.userRoot, new Uint8Array([0])) }]);
}

/** Who has begun anew since they were here, is not back, and was not acknowledged. Whose account is gone is none. */
export async function openResets(engine: RoomEngine, signal?: AbortSignal): Promise<RoomReset[]> {
  const action = "room.resets";
  const { core, room } = engine;
  signal?.throwIfAborted();
  await engine.sync(action);
  const found: RoomReset[] = [];
  for (const [name, value] of await core.keystore.list(prefix(room))) {
    const userId = name.slice(prefix(room).length);
    const user = fromUuid(userId);
    const member = memberOf(engine.group.room.log, user);
    if (value[ROOT_BYTES] === 1 || (member && !member.erased)) continue;
    const log = await core.directory.present(userId, action);
    if (!log || log.head.seq === 0 || equal(log.root, value.slice(0, ROOT_BYTES))) continue;
    found.push({ userId, username: await core.directory.name(user, log.root) });
  }
  return found;
}

export async function acknowledgeReset({ core, room }: RoomEngine, userId: string): Promise<void> {
  const record = prefix(room) + userId.toLowerCase();
  const before = await core.keystore.get(record);
  if (!before) return;
  const value = concat(before.slice(0, ROOT_BYTES), new Uint8Array([1]));
  await core.keystore.batch([{ record, value }], [{ record, value: before }]);
}
