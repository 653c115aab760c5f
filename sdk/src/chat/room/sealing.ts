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

/** Where a message's header names its commit: docs/protocol.md §15.1. */
const COMMIT = [27, 59] as const;

/**
 * Within a turn: seals and signs what is not yet, and keeps it before anybody else can see it. One number is never
 * signed twice in an epoch.
 *
 * @param drafts All that wait; what was sealed for another epoch is sealed anew when its turn comes.
 * @param batch Those that go out now.
 * @param due The epoch that goes with them, where one does.
 * @returns false where another tab was quicker.
 */
// message path 3: sealed and signed
export async function sealDrafts(
  engine: RoomEngine,
  drafts: readonly Draft[],
  batch: readonly Draft[],
  due: Due | null,
): Promise<boolean> {
  const { cipher, core, room } = engine;
  const { own, value: before } = await readOwn(core.keystore, room);
  const start = numbered(engine, due, own);
  const epoch = start.room.epochs.last as Epoch;
  const over = drafts.filter(({ sealed }) => sealed && !equal(sealed.bytes.subarray(...COMMIT), epoch.hash));
  for (const draft of over) draft.sealed = null;
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
  return isKept;
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
