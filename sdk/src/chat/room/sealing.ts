import { equal, toHex } from "../../crypto/bytes/index.ts";
import { type Head, NO_HEAD } from "../../crypto/codec.ts";
import type { Epoch } from "../../crypto/epoch/index.ts";
import type { Group } from "../../crypto/group/index.ts";
import type { Change } from "../../store/keys/types.ts";
import { fromUuid } from "../ids.ts";
import { type Draft, draftName, encodeDraft } from "./drafts.ts";
import type { Due } from "./due.ts";
import type { RoomEngine } from "./engine.ts";
import { encodeOwn, isOf, type Own, ownName, readOwn } from "./own.ts";

/** Where a message's header names its commit, and its number: docs/protocol.md §15.1. */
const COMMIT = [27, 59] as const;
const NUMBER = 75;

/** What waits, and what of it may go out now. */
interface Waiting {
  all: readonly Draft[];
  ready: readonly Draft[];
  /** Messages in one call. */
  most: number;
}

/**
 * Within a turn: seals and signs what is not yet, and keeps it before anybody else can see it. One number is never
 * signed twice in an epoch. What was sealed for another epoch, or under a number that the room has gone past, is sealed
 * anew.
 *
 * @param due The epoch that goes with them, where one does.
 * @returns What goes out now, in the order of its numbers; null where another tab was quicker.
 */
// message path 3: sealed and signed
export async function sealDrafts(
  engine: RoomEngine,
  { all, ready, most }: Waiting,
  due: Due | null,
): Promise<Draft[] | null> {
  const { cipher, core, room } = engine;
  const { own, value: before } = await readOwn(core.keystore, room);
  const start = numbered(engine, due, own);
  const epoch = start.room.epochs.last as Epoch;
  const stands = start.room.senders.get(toHex(core.me.signer.id))?.seq ?? 0;
  const over = all.filter((draft) => draft.sealed && !isGood(draft.sealed, epoch, stands));
  for (const draft of over) draft.sealed = null;
  const batch = inOrder(ready).slice(0, most);
  const open = batch.filter(({ sealed }) => !sealed);
  const given = { devices: core.directory.logs, time: Date.now() };
  const messages = open.map(({ id, payload }) => ({ id: fromUuid(id), payload }));
  const { state, sent } = await cipher.encryptAll(start, messages, given);
  sent.forEach(({ message }, at) => {
    (open[at] as Draft).sealed = { bytes: message, epoch: epoch.number };
  });
  const record = ownName(room);
  const value = encodeOwn({ head: state.own, epoch: epoch.number, commit: epoch.hash });
  const changes: Change[] = [...new Set([...over, ...open])].map((draft) => {
    return { record: draftName(room, draft.id), value: encodeDraft(draft) };
  });
  const isKept = await core.keystore.batch(
    [...changes, { record, value }, ...(due?.keep ? [due.keep] : [])],
    [{ record, value: before }],
  );
  if (isKept) engine.group = { ...engine.group, own: state.own, seen: state.seen, sent: state.sent };
  else for (const draft of open) draft.sealed = null;
  return isKept ? batch : null;
}

type Sealed = NonNullable<Draft["sealed"]>;

const numberOf = ({ bytes }: Sealed): number =>
  Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(NUMBER));

/** Whether it would count where it comes next. */
const isGood = (sealed: Sealed, { hash }: Epoch, stands: number): boolean =>
  equal(sealed.bytes.subarray(...COMMIT), hash) && numberOf(sealed) > stands;

/**
 * By the numbers that were signed, after them what has none, as it was written. Each tab has the drafts in an order of
 * its own, and any of them may have signed them: what comes after a higher number of its device counts for nobody.
 */
export function inOrder(drafts: readonly Draft[]): Draft[] {
  const place = ({ sealed }: Draft): number => (sealed ? numberOf(sealed) : Number.POSITIVE_INFINITY);
  return [...drafts].sort((one, other) => {
    const [left, right] = [place(one), place(other)];
    if (left !== right) return left < right ? -1 : 1;
    return one.id < other.id ? -1 : 1;
  });
}

/** The room that is sent in, with the number from which this device goes on. */
function numbered({ core, group }: RoomEngine, due: Due | null, own: Own): Group {
  const { room, keys } = due?.planned ?? group;
  const base = { ...group, room, keys };
  const last = room.epochs.last;
  if (!last || !isOf(own, last)) {
    // What was signed for another epoch stands in the room, or never will: its numbers are free again. Should a
    // server show such a row all the same, it is known for this device's.
    const stands: Head = room.senders.get(toHex(core.me.signer.id)) ?? NO_HEAD;
    return { ...base, own: stands, seen: stands.seq };
  }
  if (equal(own.head.hash, group.own.hash)) return base;
  return { ...base, own: own.head, seen: own.head.seq, sent: null }; // Another tab's.
}
