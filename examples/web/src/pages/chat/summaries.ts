import type { Message, Room, RoomSummary } from "@trackit/sdk";

export type Summaries = readonly RoomSummary[];

const changed = (all: Summaries, id: string, change: (one: RoomSummary) => RoomSummary): Summaries =>
  all
    .map((one) => (one.id === id ? change(one) : one))
    .sort((a, b) => Date.parse(b.activeAt) - Date.parse(a.activeAt));

/** A message was said: its conversation is the first, and has one more that is new unless it is one's own. */
export function withMessage(all: Summaries, message: Message): Summaries {
  const { roomId, at, from } = message;
  return changed(all, roomId, (one) => ({
    ...one,
    last: message,
    activeAt: Date.parse(at) > Date.parse(one.activeAt) ? at : one.activeAt,
    unread: one.unread + (from.own ? 0 : 1),
  }));
}

/** The same list where the message is not the last of its conversation. */
export function withChange(all: Summaries, message: Message): Summaries {
  if (all.every(({ last }) => last?.id !== message.id)) return all;
  return changed(all, message.roomId, (one) => ({ ...one, last: message }));
}

/** The same list where the name is the same, so that nothing is drawn anew. */
export function withName(all: Summaries, { id, name }: Room): Summaries {
  if (all.every((one) => one.id !== id || one.name === name)) return all;
  return changed(all, id, (one) => ({ ...one, name }));
}

export const withRead = (all: Summaries, id: string): Summaries =>
  changed(all, id, (one) => ({ ...one, unread: 0 }));
