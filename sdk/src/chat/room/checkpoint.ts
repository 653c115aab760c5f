import { type Bytes, equal, toHex } from "../../crypto/bytes/index.ts";
import type { Head } from "../../crypto/codec.ts";
import type { Room } from "../../crypto/group/index.ts";
import { forgetMessages } from "../../crypto/message/forget.ts";
import { forgetRows } from "../../crypto/transcript/index.ts";
import type { Change, Pin } from "../../store/keys/types.ts";
import type { Core } from "../core.ts";
import type { Message } from "../types.ts";
import type { RoomEngine } from "./engine.ts";
import { decodeGraph, encodeGraph } from "./graph.ts";
import { BLOCK, type Past } from "./past.ts";
import type { KeptThread } from "./thread.ts";

/** Of what is written here: what another version has written is not read. */
const VERSION = 1;
/** Bytes of a room's checkpoint. What does not fit is not kept, and the room is read from where it was kept before. */
const MOST_BYTES = 4 * 1024 * 1024;
/** T of so many last rows: what is older is read back when a row names it. Read at use, for tests. */
export const hashes = { most: 512 };
/** Messages whose ids and hashes are kept: an older one that comes again is refused for its number. */
const MOST_MESSAGES = 256;

/** A room as it was verified up to some row, for the next session of this device to go on from. */
export interface Checkpoint {
  version: number;
  device: Bytes;
  root: Bytes;
  room: Room;
  thread: KeptThread;
  past: Past;
  name: string | null;
  names: Map<string, string | null>;
  arrived: number | null;
}

/** What the list of rooms says of one, for as long as no row has come since. */
export interface Brief {
  version: number;
  device: Bytes;
  place: Head;
  name: string | null;
  /** What was said last. */
  last: Message | null;
  /** It has to be opened all the same: invites wait to be answered, or its name is not known yet. */
  isWanted: boolean;
}

const foldName = (room: Uint8Array): string => `fold/${toHex(room)}`;
const briefName = (room: Uint8Array): string => `brief/${toHex(room)}`;

/** What keeps a room as it stands; null where it is too much. */
export function checkpointOf(engine: RoomEngine): Change[] | null {
  const { arrived, core, group, name, names, past, room, thread } = engine;
  const { transcript } = group.room;
  const { place } = transcript;
  const marks: Head[] = past.marks.map((hash, at) => ({ seq: (at + 1) * BLOCK, hash }));
  // Two blocks of rows that are shown at once; where they are too long, one, or none.
  for (const from of [marks.at(-2) ?? thread.from, marks.at(-1) ?? thread.from, place]) {
    const start = from.seq > thread.from.seq ? from : thread.from;
    const value = encodeGraph({
      ...{ version: VERSION, device: core.me.signer.id, root: core.me.root },
      room: {
        ...group.room,
        transcript: forgetRows(transcript, place.seq - hashes.most),
        trail: forgetMessages(group.room.trail, MOST_MESSAGES),
      },
      ...{ thread: thread.kept(start), past, name, names, arrived },
    } satisfies Checkpoint);
    if (value.length > MOST_BYTES) continue;
    return [
      { record: foldName(room), value },
      { record: briefName(room), value: encodeGraph(briefOf(engine)) },
    ];
  }
  return null;
}

export function briefOf({ core, group, name, thread }: RoomEngine): Brief {
  const { log, transcript } = group.room;
  const entry = thread.entries.at(-1);
  return {
    ...{ version: VERSION, device: core.me.signer.id, place: transcript.place, name },
    last: entry ? thread.show(entry) : null,
    isWanted: log.invites.size > 0 || (name === null && log.name !== null),
  };
}

export const noCheckpoint = (room: Uint8Array): Change[] => [
  { record: foldName(room), value: null },
  { record: briefName(room), value: null },
];

/**
 * What this device has kept of a room. What it cannot be sure of is none: another version's, another device's, or one
 * that was damaged.
 */
export async function readCheckpoint(core: Core, room: Bytes): Promise<Checkpoint | null> {
  const kept = (await readGraph(core, foldName(room))) as Checkpoint | null;
  return kept && isOwn(core, kept) && equal(kept.root, core.me.root) && equal(kept.room.log.room, room)
    ? kept
    : null;
}

/** Whether what is pinned is that, or beyond it. */
export function isPinned({ room }: Checkpoint, pinned: Pin | null): boolean {
  const { seq, hash } = room.transcript.place;
  return pinned !== null && (seq < pinned.seq || (seq === pinned.seq && equal(hash, pinned.hash)));
}

export async function readBrief(core: Core, room: Bytes): Promise<Brief | null> {
  const kept = (await readGraph(core, briefName(room))) as Brief | null;
  return kept && isOwn(core, kept) ? kept : null;
}

const isOwn = ({ me }: Core, { version, device }: Pick<Brief, "version" | "device">): boolean =>
  version === VERSION && equal(device, me.signer.id);

async function readGraph({ keystore }: Core, name: string): Promise<unknown> {
  try {
    const value = await keystore.get(name);
    return value && decodeGraph(value);
  } catch {
    return null;
  }
}
