import { type Bytes, equal, openFailed, opening } from "../bytes/index.ts";
import type { Head } from "../codec.ts";
import { applyCommit, COMMIT_RULES, decodeCommit, startEpochs } from "../epoch/index.ts";
import { startTrail } from "../message/index.ts";
import {
  applyRoomEntry,
  type DeviceLogs,
  decodeRoomEntry,
  type RoomLog,
  type RoomRow,
  roomEntryHash,
  startRoomLog,
} from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { addRow, startTranscript } from "../transcript/index.ts";
import type { Room } from "./room.ts";

/** Where somebody new begins to follow a room. */
export interface Anchor {
  room: Bytes;
  /** Every row of the room log up to the commit's row, or up to `pin.place` where there is one. */
  entries: readonly RoomRow[];
  /** The commit that brought this device in, or that the pin names: core, list and signature. */
  commit: RoomRow;
  /** Object hashes of the rows between the commit's `seen` and its own row; not needed with a pin. */
  between?: readonly Bytes[];
  /** From the approval of a new device. */
  pin?: { log: Head; epoch: number; commit: Bytes; place: Head };
}

/** What needs the rows before. Behind an anchor the hash stands for them. */
const BEHIND: readonly string[] = ["place", "seen", "cut"];
const ANCHOR_RULES = COMMIT_RULES.filter(([reason]) => !BEHIND.includes(reason));

/**
 * A room from a place in its middle on. First contact is trust in whoever signed the commit.
 *
 * @throws CRYPTO_OPEN_FAILED where the rows are not those that the anchor names.
 * @see docs/protocol.md §13.6
 */
export function followFrom(suite: Suite, anchor: Anchor, logs: DeviceLogs): Promise<Room> {
  return opening(async () => {
    const { pin, commit: row } = anchor;
    const { commit } = decodeCommit(row.bytes);
    const [before, after] = [true, false].map((is) =>
      anchor.entries.filter(({ place }) => place < row.place === is),
    ) as [RoomRow[], RoomRow[]];
    const log = await logBehind(suite, anchor.room, before, commit.log, logs);
    let transcript = await startTranscript(suite, anchor.room, pin?.place ?? commit.seen);
    if (!pin) for (const hash of anchor.between ?? []) transcript = await addRow(suite, transcript, hash);
    const epochs = { ...startEpochs(), rows: commit.epoch - 1 };
    const applied = await applyCommit(suite, { log, transcript, epochs }, row, logs, ANCHOR_RULES);
    const { epoch } = applied;
    const fits = epoch && (!pin || (equal(epoch.hash, pin.commit) && pin.place.seq >= row.place));
    if (!fits || !equal(commit.room, anchor.room)) throw openFailed();
    if (!pin) transcript = await addRow(suite, transcript, epoch.hash);
    if (!pin && transcript.place.seq !== row.place) throw openFailed();
    let { log: last } = applied.room;
    for (const one of after) last = (await applyRoomEntry(suite, last, one, logs)).log;
    const room = { ...applied.room, log: last, transcript, trail: startTrail(), senders: new Map() };
    return { ...room, anchored: true };
  });
}

/** The log: up to the head that the commit names the chain decides, and each entry still has to hold. */
async function logBehind(
  suite: Suite,
  room: Bytes,
  entries: readonly RoomRow[],
  head: Head,
  logs: DeviceLogs,
): Promise<RoomLog> {
  const chain = await chainTo(suite, entries, head);
  let log = startRoomLog(room);
  for (const [at, row] of entries.entries()) {
    if (at + 1 <= head.seq && !chain.has(at) && !isMarker(row.bytes)) {
      log = { ...log, rows: log.rows + 1 };
      continue;
    }
    const applied = await applyRoomEntry(suite, log, row, logs);
    if (chain.has(at) && applied.verdict !== "valid") throw openFailed();
    log = applied.log;
  }
  return log;
}

/** Which rows the head stands on, by their place in the list. */
async function chainTo(suite: Suite, entries: readonly RoomRow[], head: Head): Promise<Set<number>> {
  const chain = new Set<number>();
  let wanted = head.hash;
  for (let at = head.seq - 1; at >= 0; at--) {
    const { bytes } = entries[at] ?? {};
    if (!bytes || !equal(await roomEntryHash(suite, bytes), wanted)) continue;
    chain.add(at);
    wanted = decodeRoomEntry(bytes).entry.prev;
  }
  if (wanted.some((byte) => byte !== 0)) throw openFailed();
  return chain;
}

function isMarker(bytes: Uint8Array): boolean {
  try {
    return decodeRoomEntry(bytes).entry.op === "erased";
  } catch {
    return false;
  }
}
