import { equal, fromBase64url } from "../crypto/bytes/index.ts";
import type { Head } from "../crypto/codec.ts";
import { throwIfAborted } from "../failure/network.ts";
import { isPassing } from "../retry/passing.ts";
import type { Page } from "../types.ts";
import type { Core } from "./core.ts";
import { fromUuid, toUuid } from "./ids.ts";
import { type Brief, briefOf, readBrief } from "./room/checkpoint.ts";
import { withDrafts } from "./room/drafts.ts";
import { openRoom } from "./rooms.ts";
import type { RoomSummary } from "./types.ts";
import type { WireRoom } from "./wire.ts";

const ACTION = "rooms.list";

/** Rooms that are opened side by side. */
const AT_ONCE = 6;

/** Rooms by their last message. What they are called, this device knows from their logs. */
export async function readRooms(
  core: Core,
  after: string | null,
  limit: number,
  signal?: AbortSignal,
): Promise<Page<RoomSummary>> {
  const [before, beforeId] = after === null ? [null, null] : after.split(" ");
  const args = { before, before_id: beforeId, limit };
  const found = await core.wire.ask<WireRoom[]>("my_rooms", args, ACTION, signal);
  const unsent = new Set((await withDrafts(core.keystore)).map(toUuid));
  const shown = found.filter((room) => isShown(room) || unsent.has(room.id));
  const rows: RoomSummary[] = [];
  for (let at = 0; at < shown.length; at += AT_ONCE) {
    const part = shown.slice(at, at + AT_ONCE).map((one) => summaryOf(core, one, unsent.has(one.id)));
    rows.push(...(await Promise.all(part)));
    throwIfAborted(signal, ACTION);
  }
  const last = found.at(-1);
  return { rows, next: last && found.length === limit ? `${last.active_at} ${last.id}` : null };
}

/** One's own room is made for the keys that an account's devices share: with the first note it is a conversation. */
const isShown = ({ kind, active_at, joined_at }: WireRoom): boolean =>
  kind !== "self" || active_at !== joined_at;

/** A room that cannot be opened is in the list all the same. */
async function summaryOf(core: Core, room: WireRoom, isUnsent: boolean): Promise<RoomSummary> {
  const { active_at: activeAt, id, kind, unread } = room;
  const known = (await knownOf(core, room, isUnsent)) ?? (await openedOf(core, id));
  return { id, kind, name: known?.name ?? null, unread, activeAt, last: known?.last ?? null };
}

/** What this device has of a room, where no row has come since; null where it has to be opened. */
async function knownOf(core: Core, room: WireRoom, isUnsent: boolean): Promise<Brief | null> {
  const place = { seq: room.last_seq, hash: fromBase64url(room.transcript) };
  const isNow = (one: Head): boolean => one.seq === place.seq && equal(one.hash, place.hash);
  const open = await core.rooms.get(room.id)?.catch(() => null);
  if (open) return isNow(open.place) ? briefOf(open) : null;
  const kept = isUnsent ? null : await readBrief(core, fromUuid(room.id));
  return kept && !kept.isWanted && isNow(kept.place) ? kept : null;
}

async function openedOf(core: Core, id: string): Promise<Brief | null> {
  try {
    await openRoom(core, id, ACTION);
    const open = await core.rooms.get(id);
    return open ? briefOf(open) : null;
  } catch (error) {
    if (isPassing(error)) throw error;
    return null;
  }
}
