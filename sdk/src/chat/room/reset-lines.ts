import { concat, equal } from "../../crypto/bytes/index.ts";
import { memberOf } from "../../crypto/room-log/index.ts";
import { fromUuid } from "../ids.ts";
import type { RoomReset } from "../types.ts";
import type { RoomEngine } from "./engine.ts";
import { ROOT_BYTES, resetsOf } from "./resets.ts";

/** Who has begun anew since they were here, is not back, and was not acknowledged. Whose account is gone is none. */
export async function openResets(engine: RoomEngine, signal?: AbortSignal): Promise<RoomReset[]> {
  const action = "room.resets";
  const { core, room } = engine;
  signal?.throwIfAborted();
  await engine.sync(action);
  await engine.keepLines();
  const found: RoomReset[] = [];
  for (const [name, value] of await core.keystore.list(resetsOf(room))) {
    const userId = name.slice(resetsOf(room).length);
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
  const record = resetsOf(room) + userId.toLowerCase();
  const before = await core.keystore.get(record);
  if (!before) return;
  const value = concat(before.slice(0, ROOT_BYTES), new Uint8Array([1]));
  await core.keystore.batch([{ record, value }], [{ record, value: before }]);
}
