import { type Bytes, toHex } from "../bytes/index.ts";
import type { Head } from "../codec.ts";
import { decodeCommit } from "../epoch/index.ts";
import { decodeMessage, decodeTombstone } from "../message/index.ts";
import { type DeviceLogs, decodeRoomEntry, memberOf, namedHeads, roomAt } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import type { Room, Row } from "./room.ts";

/** An identity whose device log has to be read up to that head. */
export interface Wanted {
  user: Bytes;
  root: Bytes;
  head: Head;
}

/**
 * Which device logs have to be read on before a row is applied. What the server then does not give is not on the log,
 * and the row is void.
 *
 * @param logs Device logs as far as they were read.
 */
export async function wantedLogs(suite: Suite, room: Room, row: Row, logs: DeviceLogs): Promise<Wanted[]> {
  const named = await namedBy(suite, room, row).catch(() => []);
  return named.filter(({ user, root, head }) => (logs(user, root)?.rows ?? 0) < head.seq);
}

async function namedBy(suite: Suite, room: Room, row: Row): Promise<Wanted[]> {
  if (row.kind === "entry") return namedHeads(decodeRoomEntry(row.bytes).entry);
  if (row.kind === "commit") {
    const { commit } = decodeCommit(row.bytes);
    const members = roomAt(room.log, commit.log) ?? room.log;
    const heads = new Map(commit.list.map(({ user, head }) => [toHex(user), { user, head }]));
    return [...heads.values()].flatMap(({ user, head }) => {
      const root = memberOf(members, user)?.root;
      return root ? [{ user, root, head }] : [];
    });
  }
  const { header } = await (row.tombstone ? decodeTombstone : decodeMessage)(suite, row.bytes);
  const sender = room.epochs.last?.devices.get(toHex(header.device));
  return sender ? [{ user: sender.user, root: sender.root, head: header.deviceHead }] : [];
}
