import { type Bytes, equal, toHex } from "../bytes/index.ts";
import type { Dropped } from "../epoch/index.ts";
import type { Content, Control, Payload } from "./payload.ts";

/** Who did something, and where in the room. */
interface By {
  user: Bytes;
  device: Bytes;
  /** Room seq. */
  place: number;
}

/** What is known of one message and of what was done to it, in any order: the message itself may come last. */
export interface Item {
  /** Content is null where there is none to show: a tombstone, or what this device cannot read. */
  message: (By & { content: Content | null; tombstone: boolean }) | null;
  acts: readonly (By & { control: Control })[];
  /** False once another message stood under its number. */
  trusted: boolean;
}

/** What a message comes to. */
export type Shown =
  | { as: "content"; content: Content; edited: boolean; reactions: readonly { user: Bytes; emoji: string }[] }
  /** Its author said so. */
  | { as: "deleted" }
  /** Its body is gone and nobody said so. */
  | { as: "withheld" }
  | { as: "unreadable" };

export const startItem = (): Item => ({ message: null, acts: [], trusted: true });

/** Which message a payload is about: its target's hash, or null where it stands for itself. */
export const targetOf = (payload: Payload): Bytes | null =>
  payload.kind === "edit" || payload.kind === "delete" || payload.kind === "reaction" ? payload.target : null;

/** The item without what dropped devices did after their end. */
export function withdrawn(item: Item, { devices, cut }: Dropped): Item {
  const counts = ({ device, place }: By) => place <= cut || !devices.some((one) => equal(one, device));
  const message = item.message && counts(item.message) ? item.message : null;
  return { ...item, message, acts: item.acts.filter(counts) };
}

/**
 * What of an item is shown. Others' edits and deletes have no effect; a delete beats every edit; the highest counter
 * wins, and of equal ones the later row.
 *
 * @see docs/protocol.md §16.3
 */
export function shown({ message, acts, trusted }: Item): Shown | null {
  if (!message) return null;
  const own = acts.filter(({ user }) => equal(user, message.user));
  if (own.some(({ control }) => control.kind === "delete")) return { as: "deleted" };
  if (message.tombstone) return { as: "withheld" };
  const { content } = message;
  if (!content || !trusted) return { as: "unreadable" };
  const edits = own
    .flatMap(({ control, place }) => (control.kind === "edit" ? [{ ...control, place }] : []))
    .sort((one, other) => other.counter - one.counter || other.place - one.place);
  const [edit] = edits;
  return {
    as: "content",
    content: edit ? answering(edit.content, content) : content,
    edited: edit !== undefined,
    reactions: reactions(acts),
  };
}

/** An edit changes what is said, not what it answers. */
function answering(edit: Content, content: Content): Content {
  const { reply } = content as { reply?: Bytes };
  return edit.kind !== "unknown" && reply ? { ...edit, reply } : edit;
}

function reactions(acts: Item["acts"]) {
  const last = new Map<string, { user: Bytes; emoji: string; on: boolean }>();
  for (const { control, user } of [...acts].sort((one, other) => one.place - other.place)) {
    if (control.kind !== "reaction") continue;
    last.set(toHex(user) + control.emoji, { user, emoji: control.emoji, on: control.on });
  }
  return [...last.values()].filter(({ on }) => on).map(({ user, emoji }) => ({ user, emoji }));
}

/** How far somebody has come. */
export interface Receipts {
  received: number;
  read: number;
}

/** Receipts only go forward. */
export function receipted(
  before: Receipts | undefined,
  receipt: Extract<Control, { kind: "receipt" }>,
): Receipts {
  const { received, read } = before ?? { received: 0, read: 0 };
  const { state, row } = receipt;
  return { received: Math.max(received, row), read: state === "read" ? Math.max(read, row) : read };
}

const MOST_AHEAD = 5 * 60 * 1000;
/** The time that is shown: a sender's clock may be wrong. Milliseconds. */
export const shownTime = (sent: number, received: number): number => Math.min(sent, received + MOST_AHEAD);
