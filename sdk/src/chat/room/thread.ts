import { type Bytes, equal, toHex } from "../../crypto/bytes/index.ts";
import { type Head, NO_HEAD } from "../../crypto/codec.ts";
import type { Dropped } from "../../crypto/epoch/index.ts";
import type { Content, Control, Payload, Received } from "../../crypto/message/index.ts";
import { classOf } from "../../crypto/message/index.ts";
import {
  type Item,
  type Receipts,
  receipted,
  shown,
  shownTime,
  startItem,
  targetOf,
  withdrawn,
} from "../../crypto/message/item.ts";
import { toAttachment } from "../../files/attachment.ts";
import type { Json } from "../../types.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { Message, MessageContent, MessageProblem } from "../types.ts";
import type { Folded } from "./fold.ts";

/** A message of the room as it stands on this device. */
export interface Entry {
  id: string;
  /** Of the message, in hex; null of a row that nobody has signed. */
  hash: string | null;
  place: number;
  /** The account by the proven sender, or by the server's word where none is proven. */
  user: Bytes;
  device: Bytes | null;
  own: boolean;
  at: number;
  gap: number;
  problem: MessageProblem | null;
  /** Sealed with a key that this device has not: to be opened once it has. */
  sealed: Received | null;
}

/** What a valid commit ended: messages of these devices above `cut` and before `place` count no more. */
interface End extends Dropped {
  place: number;
}

/** What of a thread is kept over a restart, and given back to it then. */
export interface KeptThread {
  from: Head;
  entries: Entry[];
  items: Map<string, Item>;
  receipts: Map<string, Receipts>;
  sealed: Received[];
  ends: End[];
}

/** Messages and what was done to them, in the room's order, from some row on. */
export class Thread {
  readonly roomId: string;
  readonly #me: Bytes;
  readonly #name: (user: Bytes) => string | null;
  #items = new Map<string, Item>();
  readonly #byHash = new Map<string, Entry>();
  readonly #byId = new Map<string, Entry>();
  receipts = new Map<string, Receipts>();
  /** In their order. */
  entries: Entry[] = [];
  /** The last row before those that are here. */
  from: Head = NO_HEAD;
  /** Controls that could not be opened yet. */
  #sealed: Received[] = [];
  #ends: End[] = [];

  constructor(roomId: string, me: Bytes, name: (user: Bytes) => string | null) {
    this.roomId = roomId;
    this.#me = me;
    this.#name = name;
  }

  /** Takes a row of a message. @returns Entries that are new, and those that have changed. */
  take({ row, from, effect }: Folded): { made: Entry[]; changed: Entry[] } {
    const { message, payload, twins } = effect;
    for (const twin of twins ?? []) this.#update(toHex(twin), (item) => ({ ...item, trusted: false }));
    const doubted = (twins ?? []).flatMap((twin) => this.#byHash.get(toHex(twin)) ?? []);
    if (effect.verdict !== "valid" || !message) {
      const isContent = row.kind === "message" && row.columns.class === "content";
      const isReplay = effect.verdict !== "valid" && effect.verdict.void === "replay";
      return { made: isContent && !isReplay ? [this.#refused({ row, from, effect })] : [], changed: doubted };
    }
    const place = { user: message.user, device: message.header.device, place: row.place };
    const isOver = this.#ends.some((end) => isAfter(end, place));
    if (payload && classOf(payload) === "control")
      return { made: [], changed: isOver ? [] : this.#act({ ...place, control: payload as Control }) };
    if (message.header.class === "control") {
      if (!isOver) this.#sealed.push(message);
      return { made: [], changed: [] };
    }
    const entry = this.#content(message, from.at, effect);
    const content = (payload ?? null) as Content | null;
    const tombstone = message.body === null;
    if (isOver) entry.problem = PROBLEMS.ended;
    else
      this.#update(toHex(message.hash), (item) => ({ ...item, message: { ...place, content, tombstone } }));
    return { made: [entry], changed: doubted };
  }

  /** Takes rows from before those that are here. What was done to them later is known already. */
  older(from: Head, rows: readonly Folded[]): void {
    const later = this.entries;
    this.entries = [];
    for (const one of rows) this.take(one);
    this.entries = [...this.entries, ...later];
    this.from = from;
  }

  /** What there is from that row on, to be kept: it is not changed by what comes. */
  kept(from: Head): KeptThread {
    const isLater = ({ place }: { place: number }) => place > from.seq;
    const items = [...this.#items].flatMap(([hash, { message, acts, trusted }]): [string, Item][] => {
      const item = {
        message: message && isLater(message) ? message : null,
        acts: acts.filter(isLater),
        trusted,
      };
      return item.message || item.acts.length > 0 || !trusted ? [[hash, item]] : [];
    });
    return {
      from,
      entries: this.entries.filter(isLater).map((entry) => ({ ...entry })),
      items: new Map(items),
      receipts: new Map(this.receipts),
      sealed: this.#sealed.filter(isLater),
      ends: [...this.#ends],
    };
  }

  restore(kept: KeptThread): void {
    this.from = kept.from;
    this.entries = kept.entries;
    this.#items = kept.items;
    this.receipts = kept.receipts;
    this.#sealed = kept.sealed;
    this.#ends = kept.ends;
    this.#byHash.clear();
    this.#byId.clear();
    for (const entry of this.entries) this.#index(entry);
  }

  /** Devices that were dropped by the commit in that place: what they did after their end counts no more. */
  drop(dropped: Dropped, place: number): Entry[] {
    const changed: Entry[] = [];
    this.#ends.push({ ...dropped, place });
    for (const [hash, item] of this.#items) {
      const after = withdrawn(item, dropped);
      const isSame = after.message === item.message && after.acts.length === item.acts.length;
      const entry = this.#byHash.get(hash);
      if (isSame) continue;
      this.#items.set(hash, after);
      if (!entry) continue;
      if (item.message && !after.message) entry.problem = PROBLEMS.ended;
      changed.push(entry);
    }
    return changed;
  }

  /** Opens what a key came for. */
  async open(decrypt: (message: Received) => Promise<Payload>): Promise<Entry[]> {
    const changed: Entry[] = [];
    for (const entry of this.entries) {
      if (!entry.sealed || !entry.hash) continue;
      const payload = await decrypt(entry.sealed).catch(() => null);
      if (!payload) continue;
      entry.sealed = null;
      entry.problem = null;
      const { message } = this.#items.get(entry.hash) ?? startItem();
      if (message)
        this.#update(entry.hash, (item) => ({
          ...item,
          message: { ...message, content: payload as Content },
        }));
      changed.push(entry);
    }
    const waiting = this.#sealed;
    this.#sealed = [];
    for (const message of waiting) {
      const payload = await decrypt(message).catch(() => null);
      if (!payload) this.#sealed.push(message);
      else {
        const by = { user: message.user, device: message.header.device, place: message.place };
        changed.push(...this.#act({ ...by, control: payload as Control }));
      }
    }
    return changed;
  }

  /** Epochs of what could not be opened yet. */
  sealedIn(): Set<number> {
    const sealed = [...this.entries.flatMap((entry) => entry.sealed ?? []), ...this.#sealed];
    return new Set(sealed.map(({ header }) => header.epoch));
  }

  find(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /** The id of the message with that hash, in hex. */
  idOf(hash: string): string | null {
    return this.#byHash.get(hash)?.id ?? null;
  }

  /** The next counter for an edit. */
  editCounter(entry: Entry): number {
    const { acts } = this.#items.get(entry.hash ?? "") ?? startItem();
    return 1 + Math.max(0, ...acts.map(({ control }) => (control.kind === "edit" ? control.counter : 0)));
  }

  /** A message as an app sees it. */
  show(entry: Entry): Message {
    const item = this.#items.get(entry.hash ?? "");
    const now = item ? shown(item) : null;
    const isContent = now?.as === "content" && !entry.problem;
    const content = isContent ? contentOf(now.content, toUuid(entry.user)) : null;
    const reply = isContent && "reply" in now.content ? toHex(now.content.reply) : "";
    const status = entry.problem ? "unreadable" : now === null || now.as === "content" ? "sent" : now.as;
    return {
      id: entry.id,
      roomId: this.roomId,
      seq: entry.place,
      status,
      from: {
        userId: toUuid(entry.user),
        username: this.#name(entry.user),
        own: equal(entry.user, this.#me),
      },
      at: new Date(entry.at).toISOString(),
      content,
      text: content?.kind === "text" ? content.text : "",
      edited: isContent && now.edited,
      reactions: isContent ? this.#reactions(now.reactions) : [],
      replyTo: this.idOf(reply),
      problem: entry.problem ?? (status === "unreadable" ? PROBLEMS.doubted : null),
      gap: entry.gap,
    };
  }

  #reactions(all: readonly { user: Bytes; emoji: string }[]): Message["reactions"] {
    const found = new Map<string, { emoji: string; userIds: string[]; own: boolean }>();
    for (const { user, emoji } of all) {
      const one = found.get(emoji) ?? { emoji, userIds: [], own: false };
      one.userIds.push(toUuid(user));
      found.set(emoji, { ...one, own: one.own || equal(user, this.#me) });
    }
    return [...found.values()];
  }

  #content(message: Received, at: string, effect: Folded["effect"]): Entry {
    const unread = message.body !== null && !effect.payload;
    const entry: Entry = {
      id: toUuid(message.header.id),
      hash: toHex(message.hash),
      place: message.place,
      user: message.user,
      device: message.header.device,
      own: equal(message.user, this.#me),
      at: shownTime(message.header.time, Date.parse(at)),
      gap: message.gap,
      problem: unread ? PROBLEMS.sealed : null,
      sealed: unread ? message : null,
    };
    return this.#add(entry);
  }

  #refused({ row, from }: Folded): Entry {
    return this.#add({
      id: from.id ?? `row-${row.place}`,
      hash: null,
      place: row.place,
      user: fromUuid(from.by),
      device: null,
      own: false,
      at: Date.parse(from.at),
      gap: 0,
      problem: PROBLEMS.refused,
      sealed: null,
    });
  }

  #add(entry: Entry): Entry {
    this.entries.push(entry);
    this.#index(entry);
    return entry;
  }

  #index(entry: Entry): void {
    this.#byId.set(entry.id, entry);
    if (entry.hash) this.#byHash.set(entry.hash, entry);
  }

  #act(act: Item["acts"][number]): Entry[] {
    const { control } = act;
    if (control.kind === "receipt") {
      const key = toHex(act.user);
      this.receipts.set(key, receipted(this.receipts.get(key), control));
    }
    const target = targetOf(control);
    if (!target) return [];
    this.#update(toHex(target), (item) => {
      // An act that came before its message is read twice where both are read again.
      const isKnown = item.acts.some(({ place }) => place === act.place);
      return isKnown ? item : { ...item, acts: [...item.acts, act] };
    });
    const entry = this.#byHash.get(toHex(target));
    return entry ? [entry] : [];
  }

  #update(hash: string, change: (item: Item) => Item): void {
    this.#items.set(hash, change(this.#items.get(hash) ?? startItem()));
  }
}

/** Whether a device did that after its end. */
const isAfter = ({ devices, cut, place }: End, one: { device: Bytes; place: number }): boolean =>
  one.place > cut && one.place < place && devices.some((device) => equal(device, one.device));

const PROBLEMS = {
  refused: {
    cause: "This row could not be verified: it is not what a member's device has signed.",
    next: "Nothing needs to be done. The room goes on.",
  },
  sealed: {
    cause: "This device has no key for what was said then.",
    next: "A member can bring you in with the history, where the room shares it.",
  },
  doubted: {
    cause: "The same device has signed two messages under one number.",
    next: "Ask its owner whether the device was copied.",
  },
  ended: { cause: "It was sent by a device after its end.", next: "Nothing needs to be done." },
} satisfies Record<string, MessageProblem>;

/** @param from Whose account said it: files in it are that account's. */
export function contentOf(content: Content, from: string): MessageContent {
  switch (content.kind) {
    case "text":
      return { kind: "text", text: content.text };
    case "structured":
      return { kind: "structured", type: content.type, data: content.json as Json };
    case "files":
      return {
        kind: "files",
        caption: content.caption,
        files: content.files.map((info) => toAttachment(from, info)),
      };
    default:
      return { kind: "unknown" };
  }
}
