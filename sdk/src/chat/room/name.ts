import type { Bytes } from "../../crypto/bytes/index.ts";
import { keysOf } from "../../crypto/group/index.ts";
import { nameKey, type RoomChange, sealName } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import { changeRoom } from "./change.ts";
import type { RoomEngine } from "./engine.ts";
import { giveHistory } from "./grants.ts";

const ACTION = "room.rename";
const MOST_BYTES = 200;

/** @throws USAGE_INVALID */
export function checkRoomName(name: unknown, action = ACTION): asserts name is string {
  const isName = typeof name === "string" && name.trim() !== "";
  if (!isName || new TextEncoder().encode(name.normalize()).length > MOST_BYTES)
    throw invalid(action, "name", name, `1 to ${MOST_BYTES} bytes of text`);
}

/** Names a room, sealed with the present epoch's key. @throws USAGE_INVALID, ACCESS_DENIED */
export async function renameRoom(engine: RoomEngine, name: string, signal?: AbortSignal): Promise<void> {
  checkRoomName(name);
  await changeRoom(engine, ACTION, () => renaming(engine, name), signal);
}

async function renaming({ core, group, room }: RoomEngine, name: string): Promise<RoomChange> {
  const secret = keysOf(group)?.secret;
  const { last } = group.room.epochs;
  if (!secret || !last)
    throw new TrackItError("CRYPTO_UNREADABLE", `${ACTION}: this device has no key of the room yet`);
  const key = await nameKey(core.suite, secret, last.hash);
  const sealed = await sealName(core.suite, key, { room, seq: group.room.log.rows + 1, name });
  return { op: "rename", epoch: last.number, commit: last.hash, sealed };
}

/** What somebody who has just come in needs: the history where it is shared, else the name under a key of theirs. */
export async function welcome(engine: RoomEngine, user: Bytes, root: Bytes): Promise<void> {
  if (engine.group.room.log.history === "shared") await giveHistory(engine, user, root);
  else if (engine.name !== null) await renameRoom(engine, engine.name);
}
