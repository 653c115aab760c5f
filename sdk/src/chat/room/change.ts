import { toBase64url } from "../../crypto/bytes/index.ts";
import type { Step } from "../../crypto/cipher.ts";
import type { CommitReason } from "../../crypto/epoch/index.ts";
import type { Group } from "../../crypto/group/index.ts";
import { applyRoomEntry, makeRoomEntry, type RoomChange } from "../../crypto/room-log/index.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { throwIfAborted, untilAborted } from "../../failure/network.ts";
import type { Core } from "../core.ts";
import { toUuid } from "../ids.ts";
import { askTwice } from "../wire.ts";
import type { RoomEngine } from "./engine.ts";

const MOST_RACES = 12;
/** So often a change waits for a moment in which nobody speaks; after that it is made all the same. */
const WHOLE_RACES = 6;

/** Another member was quicker: read, verify, try again. */
export const isStale = (error: unknown): boolean =>
  isTrackItError(error, "CONFLICT_STALE_HEADS") || isTrackItError(error, "CONFLICT_EPOCH");

/** The rows of every log that a change rests on, to be compared under the room's lock. */
export function seenOf(
  { directory }: Core,
  { room }: Group,
): { log: number; devices: Record<string, number> } {
  const devices: Record<string, number> = {};
  for (const { user, root } of room.log.members.values())
    devices[toUuid(user)] = directory.logs(user, root)?.rows ?? 0;
  return { log: room.log.rows, devices };
}

export const wireStep = ({ entries, commit, wraps }: Step) => ({
  entries: entries.map((entry) => toBase64url(entry)),
  commit: toBase64url(commit),
  wraps: wraps.map(({ wrap }) => toBase64url(wrap)),
});

interface Posting {
  reason?: CommitReason;
  signal?: AbortSignal | undefined;
  /**
   * Only where no row has come since: what somebody says who is being removed would be beyond the cut otherwise, taken
   * by the server and counted by nobody.
   */
  whole?: boolean;
}

/** Within a turn: posts changes with the epoch that they need. @throws CONFLICT_STALE_HEADS, CONFLICT_EPOCH */
export async function postChange(
  engine: RoomEngine,
  changes: readonly RoomChange[],
  action: string,
  { reason, signal, whole = false }: Posting = {},
): Promise<void> {
  const { cipher, core, group, id } = engine;
  const seq = whole ? { seq: group.room.transcript.place.seq } : {};
  const given = { devices: core.directory.logs, time: Date.now(), ...(reason ? { reason } : {}) };
  const step = await cipher.change(group, changes, given);
  await askTwice(
    core.wire,
    "change_room",
    { room: id, change: { ...wireStep(step), seen: { ...seenOf(core, group), ...seq } } },
    action,
    signal,
  );
  await engine.catchUp(action, signal);
}

/** The most entries that go in one call with the change itself. */
const MOST_EVICTIONS = 50;

/**
 * Who is erased by the server's word has no place any more once somebody has put them out: an owner's passes on with
 * that. Goes with the epoch that is due then anyhow.
 */
export function evictions({ kind, members }: Group["room"]["log"]): RoomChange[] {
  if (kind !== "group") return [];
  const gone = [...members.values()].filter(({ erased }) => erased).slice(0, MOST_EVICTIONS);
  return gone.map(({ user }) => ({ op: "evict", user }));
}

/** Within a turn: posts one entry that needs no epoch of its own. */
async function postEntry(
  engine: RoomEngine,
  change: RoomChange,
  action: string,
  signal?: AbortSignal,
): Promise<void> {
  const { core, id } = engine;
  const entry = await entryOf(engine, change, action);
  try {
    await askTwice(
      core.wire,
      "change_room",
      { room: id, change: { entries: [toBase64url(entry)] } },
      action,
      signal,
    );
  } catch (error) {
    // Of many entries without an epoch the next one has to bring one: docs/protocol.md §21.2.
    if (!isTrackItError(error, "LIMIT_SIZE")) throw error;
    await postChange(engine, [change], action, { reason: "asked", signal });
  }
}

/** The next entry, if it is this member's to make. @throws ACCESS_DENIED, ACCESS_NOT_FOUND */
async function entryOf({ core, group }: RoomEngine, change: RoomChange, action: string): Promise<Uint8Array> {
  const { directory, me, suite } = core;
  const log = directory.logs(me.user, me.root);
  if (!log) throw new TrackItError("CRYPTO_DEVICE", `${action}: the account's own devices are not known`);
  const author = { log, device: me.signer };
  const bytes = await makeRoomEntry(suite, group.room.log, { ...change, time: Date.now() }, author);
  const place = group.room.transcript.place.seq + 1;
  const { verdict } = await applyRoomEntry(suite, group.room.log, { bytes, place }, directory.logs);
  if (verdict === "valid") return bytes;
  const code =
    verdict.void === "right"
      ? "ACCESS_DENIED"
      : verdict.void === "target"
        ? "ACCESS_NOT_FOUND"
        : verdict.void === "limit"
          ? "LIMIT_SIZE"
          : "USAGE_INVALID";
  throw new TrackItError(code, `${action}: not allowed in this room (${verdict.void})`);
}

/** Changes that go with an epoch of their own: who is in the room, and as what. */
const WITH_EPOCH = new Set<RoomChange["op"]>(["add", "remove", "role", "evict"]);

/**
 * Changes a room, as often as it takes where others do as well.
 *
 * @param signal Ends it; what has reached the server may have happened.
 * @param make The change, from the room as it is; null where there is nothing to do any more.
 */
export function changeRoom(
  engine: RoomEngine,
  action: string,
  make: () => Promise<RoomChange | null>,
  signal?: AbortSignal,
): Promise<void> {
  const work = async (): Promise<void> => {
    for (let races = 0; ; races++) {
      throwIfAborted(signal, action);
      await engine.catchUp(action, signal);
      if (engine.stopped) throw new TrackItError("CRYPTO_HISTORY", `${action}: ${engine.stopped.message}`);
      try {
        const gone = evictions(engine.group.room.log);
        // By itself: whose right the change is can depend on it.
        if (gone.length > 0) await postChange(engine, gone, action, { signal });
        const change = await make();
        if (!change) return;
        if (WITH_EPOCH.has(change.op)) {
          await entryOf(engine, change, action);
          await postChange(engine, [change], action, { signal, whole: races < WHOLE_RACES });
        } else {
          await postEntry(engine, change, action, signal);
          if (change.op !== "leave") await engine.catchUp(action, signal);
        }
        return;
      } catch (error) {
        if (!isStale(error) || races >= MOST_RACES) throw error;
      }
    }
  };
  // Also while others have their turn.
  return untilAborted(() => engine.inTurn(work), signal, action);
}
