import { type Bytes, concat } from "../bytes/index.ts";
import type { DeviceLog, Signer } from "../device-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { encodeRoomEntry, type RoomChange, type RoomEntry } from "./layout.ts";
import type { RoomLog } from "./state.ts";

/**
 * The next entry of a room log, signed.
 *
 * @param author The author's own device log and the device that signs.
 */
export async function makeRoomEntry(
  suite: Suite,
  log: RoomLog,
  change: RoomChange & { time: number },
  author: { log: DeviceLog; device: Signer },
): Promise<Bytes> {
  const { user, root, head: deviceHead } = author.log;
  const place = { room: log.room, seq: log.rows + 1, prev: log.head.hash };
  const who = { author: user, root, device: author.device.id, deviceHead };
  return signRoomEntry(suite, { ...change, ...place, ...who }, author.device);
}

/** Signs an entry as it is. */
export async function signRoomEntry(suite: Suite, entry: RoomEntry, device: Signer): Promise<Bytes> {
  const body = encodeRoomEntry(entry);
  const hash = await suite.hash(TAGS.roomEntry, body);
  return concat(body, await device.sign(TAGS.roomEntrySig, hash));
}
