import { toUuid } from "../chat/ids.ts";
import { personOf } from "../chat/people.ts";
import { openRoom } from "../chat/rooms.ts";
import { directRoomId } from "../crypto/room-log/index.ts";
import { isTrackItError } from "../errors.ts";
import { held } from "./attachment.ts";
import type { Desk } from "./desk.ts";
import { keepInfo, openInfo } from "./infos.ts";
import type { FileRow } from "./wire.ts";

/** Messages of the room with a file's owner that are looked through for its key. */
const MOST = 2_000;

/** What gives access to a shared file came by a message of the room with its owner: from then on it is kept. */
export async function learnInfo(desk: Desk, row: FileRow, action: string): Promise<void> {
  if (!row.encrypted || (await openInfo(desk, row, action)).info) return;
  try {
    const core = await desk.keys.core(action);
    const { log } = await personOf(core, row.owner_id, action);
    const id = toUuid(await directRoomId(core.suite, core.me, log));
    const room = await openRoom(core, id, action);
    for (const { content, from } of await room.history().toArray({ max: MOST })) {
      if (content?.kind !== "files" || from.userId !== row.owner_id) continue;
      const found = content.files.find(({ fileId }) => fileId === row.id);
      const info = found && held.get(found)?.info;
      if (info) return await keepInfo(desk, row.owner_id, info, action);
    }
  } catch (error) {
    // A list is shown all the same: what cannot be opened says so by itself.
    if (!isTrackItError(error)) throw error;
  }
}
