import { type Bytes, equal, toHex } from "../bytes/index.ts";
import type { Head } from "../codec.ts";
import { deviceAt } from "../device-log/index.ts";
import { commitHash, decodeCommit } from "../epoch/index.ts";
import { decodeMessage, decodeTombstone } from "../message/index.ts";
import { isTaken } from "../message/trail.ts";
import { type DeviceLogs, decodeRoomEntry, isOpen, memberOf, roomEntryHash } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, type Tag } from "../tags.ts";
import type { Room, Row } from "./room.ts";

/** "History differs": that device was shown something else than this one, or lies. */
export interface Alarm {
  user: Bytes;
  device: Bytes;
  /** The place that it names. */
  seen?: Head;
}

/** What no honest device's row is void for while both are shown the same: by the kind of row. */
const TELLING: Record<Row["kind"], readonly string[]> = {
  entry: ["place", "head", "device"],
  commit: ["place", "head", "members", "devices", "device", "seen", "cut"],
  message: ["epoch", "device", "head"],
};

/** A row as a claim: who says to have signed what. */
interface Claim {
  device: Bytes;
  user?: Bytes;
  seen?: Head;
  hash: Bytes;
  tag: Tag;
  signature: Bytes;
  /** Made for this very place: an old row that is shown again is the server's doing alone. */
  fits: boolean;
}

/**
 * The alarm in a row that was found void: where its signature is that of a member's device, in good standing by all
 * that was read, whoever signed it was shown other rows or other device logs. Silence would let a server hide a
 * revocation by making void what rests on it.
 *
 * @param reason Why the row is void.
 * @see docs/protocol.md §13.4
 */
export async function alarmOf(
  suite: Suite,
  room: Room,
  row: Row,
  reason: string,
  logs: DeviceLogs,
): Promise<Alarm | null> {
  if (!TELLING[row.kind].includes(reason) || !isOpen(room.log)) return null;
  const { device, user, seen, hash, tag, signature, fits } = await claimOf(suite, room, row);
  for (const member of fits ? room.log.members.values() : []) {
    const log = member.erased || (user && !equal(user, member.user)) ? null : logs(member.user, member.root);
    const key = log && deviceAt(log, device);
    if (!key || !(await suite.verify(key.signingKey, signature, tag, hash, device))) continue;
    return { user: member.user, device, ...(seen ? { seen } : {}) };
  }
  return null;
}

async function claimOf(suite: Suite, room: Room, row: Row): Promise<Claim> {
  const { log, epochs, senders, trail } = room;
  if (row.kind === "entry") {
    const { entry, signature } = decodeRoomEntry(row.bytes);
    const { device, author: user, root, seq } = entry;
    const isMember = equal(memberOf(log, user)?.root ?? device, root);
    const fits = equal(entry.room, log.room) && seq === log.rows + 1 && isMember;
    return {
      device,
      user,
      hash: await roomEntryHash(suite, row.bytes),
      tag: TAGS.roomEntrySig,
      signature,
      fits,
    };
  }
  if (row.kind === "commit") {
    const { commit, signature } = decodeCommit(row.bytes);
    const { device, committer: user, seen } = commit;
    const fits = equal(commit.room, log.room) && commit.epoch === epochs.rows + 1;
    return {
      device,
      user,
      seen,
      hash: await commitHash(suite, row.bytes),
      tag: TAGS.commitSig,
      signature,
      fits,
    };
  }
  const { header, hash, signature } = await (row.tombstone ? decodeTombstone : decodeMessage)(
    suite,
    row.bytes,
  );
  const { device, seen } = header;
  // By its number as well: the trail of what came long ago is not kept.
  const isNew = header.seq > (senders.get(toHex(device))?.seq ?? 0) && !isTaken(trail, header, hash);
  const fits = equal(header.room, log.room) && isNew;
  return { device, seen, hash, tag: TAGS.messageSig, signature, fits };
}
