import { type Bytes, equal, openFailed, opening, toHex } from "../bytes/index.ts";
import type { Head } from "../codec.ts";
import { isAhead } from "../device-log/index.ts";
import { type Commit, decodeCommit, type Epoch, startEpochs } from "../epoch/index.ts";
import { startTrail } from "../message/index.ts";
import {
  applyRoomEntry,
  type DeviceLogs,
  decodeRoomEntry,
  memberOf,
  pinHeads,
  type RoomLog,
  type RoomRow,
  roomEntryHash,
  startRoomLog,
} from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { addRow, isOnTranscript, startTranscript } from "../transcript/index.ts";
import { applyRow, type Room, type Row } from "./room.ts";

/** Where somebody new begins to follow a room. */
export interface Anchor {
  room: Bytes;
  /** Every row of the room log before the commit's row. */
  entries: readonly RoomRow[];
  /** The commit that brought this device in, or that the pin names: core, list and signature. */
  commit: RoomRow;
  /** The valid commit before it: core, list and signature. Not for the first one. */
  previous?: Uint8Array;
  /** Object hashes of the rows between the commit's `seen` and its own row. */
  between: readonly Bytes[];
  /** From the approval of a new device, with the rows after the commit up to the pinned place. */
  pin?: { epoch: number; commit: Bytes; place: Head; rows: readonly Row[] };
}

/**
 * A room from a place in its middle on. First contact is trust in whoever signed the commit, or gave the pin.
 *
 * @throws CRYPTO_OPEN_FAILED where the rows are not those that the anchor names.
 * @see docs/protocol.md §13.6
 */
export function followFrom(suite: Suite, anchor: Anchor, logs: DeviceLogs): Promise<Room> {
  return opening(async () => {
    const { pin, commit: row, between } = anchor;
    const { commit } = decodeCommit(row.bytes);
    const last = await previousOf(suite, anchor, commit);
    const log = await logBehind(suite, anchor, commit, last, logs);
    let transcript = await startTranscript(suite, anchor.room, commit.seen);
    for (const hash of between) transcript = await addRow(suite, transcript, hash);
    if (transcript.place.seq !== row.place - 1) throw openFailed();
    const epochs = { ...startEpochs(), rows: commit.epoch - 1, last };
    const start = { log, transcript, epochs, trail: startTrail(), senders: new Map(), anchored: true };
    let { room, effect } = await applyRow(suite, start, { ...row, kind: "commit" }, logs);
    const { epoch } = effect;
    if (!epoch || (pin && !(epoch.number === pin.epoch && equal(epoch.hash, pin.commit)))) throw openFailed();
    for (const one of pin?.rows ?? []) ({ room } = await applyRow(suite, room, one, logs));
    if (pin && !isOnTranscript(room.transcript, pin.place)) throw openFailed();
    return room;
  });
}

/** The commit before, as far as the anchored one is judged by it: what it dropped shows by both lists. */
async function previousOf(suite: Suite, { previous }: Anchor, { prev }: Commit): Promise<Epoch | null> {
  if (!previous) return null; // Then `prev` has to be zeros: the rules see to it.
  const { commit, body, core } = decodeCommit(previous);
  const hash = await suite.hash(TAGS.commit, body);
  if (!equal(hash, prev)) throw openFailed();
  const devices = new Map(commit.list.map((one) => [toHex(one.device), { ...one, root: hash }]));
  devices.delete(toHex(new Uint8Array(16)));
  return { number: commit.epoch, hash, place: 0, commit, core, devices, heads: new Map() };
}

/**
 * The log before the commit. Up to what the commit has seen the chain that ends in its head decides, and each entry
 * still has to hold; what came between its `seen` and its row has to be on the transcript, and is judged as ever.
 */
async function logBehind(
  suite: Suite,
  { room, entries, between }: Anchor,
  commit: Commit,
  last: Epoch | null,
  logs: DeviceLogs,
): Promise<RoomLog> {
  const chain = await chainTo(suite, entries, commit.log);
  const { seq: seen } = commit.seen;
  let log = startRoomLog(room);
  const early = entries.filter(({ place }) => place <= seen).length;
  for (const [at, row] of entries.entries()) {
    if (at === early) log = pinnedBy(log, last, logs);
    if (row.place <= seen && !chain.has(at) && !isMarker(row.bytes)) {
      log = { ...log, rows: log.rows + 1 };
      continue;
    }
    const told = between[row.place - seen - 1];
    if (row.place > seen && !(told && equal(told, await roomEntryHash(suite, row.bytes)))) throw openFailed();
    const applied = await applyRoomEntry(suite, log, row, logs);
    if (chain.has(at) && applied.verdict !== "valid") throw openFailed();
    // No commit to come names what is before the named head: a long history would be kept whole.
    log = applied.log.head.seq < commit.log.seq ? { ...applied.log, before: null } : applied.log;
  }
  return early === entries.length ? pinnedBy(log, last, logs) : log;
}

/** With the pins that the commit before has set for those who are members still. */
function pinnedBy(log: RoomLog, last: Epoch | null, logs: DeviceLogs): RoomLog {
  const heads = last?.commit.list.flatMap(({ user, head }) => {
    const root = memberOf(log, user)?.root;
    return root && isAhead(logs(user, root), head) ? [{ user, root, head }] : [];
  });
  return pinHeads(log, heads ?? []);
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
