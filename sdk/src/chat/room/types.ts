import type { Attachment } from "../../files/types.ts";
import type { ExportStream } from "../../transfer/types.ts";
import type { CallOptions, Json, Listing } from "../../types.ts";
import type { RoomExportOptions } from "../export/types.ts";
import type { ChatAlarm } from "../types.ts";

export type RoomKind = "group" | "direct" | "self";
export type RoomRole = "member" | "admin" | "owner";

export interface RoomMember {
  userId: string;
  /** As its devices have signed it; null where it is not known. */
  username: string | null;
  role: RoomRole;
  own: boolean;
}

export type MessageContent =
  | { kind: "text"; text: string }
  | { kind: "structured"; type: string; data: Json }
  | { kind: "files"; caption: string; files: Attachment[] }
  /** Of a newer version. */
  | { kind: "unknown" };

/**
 * - `pending` being sent; `failed` was not taken, `problem` says why; `held` waits for `room.release`
 * - `sent` stands in the room, its signature holds
 * - `deleted` by its author; `withheld`: its content is gone and nobody has signed for that
 * - `unreadable` a row that is shown in its place: `problem` says why, and what to do
 */
export type MessageStatus = "pending" | "failed" | "held" | "sent" | "deleted" | "withheld" | "unreadable";

export interface MessageProblem {
  cause: string;
  next: string;
}

export interface Message {
  /** UUID, the same from `pending` on. */
  id: string;
  roomId: string;
  /** Its place in the room; null before it has one. */
  seq: number | null;
  status: MessageStatus;
  from: { userId: string; username: string | null; own: boolean };
  /** When it was sent, by its sender's clock, but no later than five minutes after it came. ISO 8601. */
  at: string;
  content: MessageContent | null;
  /** Of a text; else empty. */
  text: string;
  edited: boolean;
  reactions: { emoji: string; userIds: string[]; own: boolean }[];
  /** Id of the message that is answered, where it is known. */
  replyTo: string | null;
  problem: MessageProblem | null;
  /** How many messages of the same device are missing before it. */
  gap: number;
}

/** What is said: text, or data of a type that the app knows. */
export type NewContent = string | { type: string; data: Json };

export interface SendOptions extends CallOptions {
  /** The message that is answered: it, or its id. */
  replyTo?: Message | string | undefined;
}

/** Who may read what was said before they came. */
export type RoomHistory = "none" | "shared";

/** Ids of members, as their own devices say: a hint, and nothing that is signed. */
export interface RoomPresence {
  present: string[];
  typing: string[];
}

export interface InviteInput extends CallOptions {
  /** `member` when left out. */
  role?: "member" | "admin" | undefined;
  /** How many people may come by it; one when left out. */
  uses?: number | undefined;
  /** Milliseconds; a day when left out, a year at most. */
  expiresIn?: number | undefined;
}

/** An invite by link that stands in the room's log. */
export interface RoomInvite {
  id: string;
  role: "member" | "admin";
  /** How many may come by it still. */
  left: number;
  /** ISO 8601. */
  expiresAt: string;
  /** Who made it. */
  userId: string;
  own: boolean;
}

/** Somebody who lost their keys and began anew: in this room they are a stranger until somebody adds them. */
export interface RoomReset {
  userId: string;
  /** As their new identity has signed it. */
  username: string | null;
}

export interface RoomEvents {
  /** A message, once, in the room's order; an own one as soon as it is made, as `pending`. */
  message: Message;
  /** A later state of a message: sent, failed, edited, deleted, with another reaction, or opened. */
  change: Message;
  /** Name, members or roles have changed, or the room is gone. */
  room: Room;
  /** How far another member has come, in direct rooms. */
  receipt: { userId: string; received: number; read: number };
  /** Who else has the room open, and who is typing. A listener shows that this device has it open, too. */
  presence: RoomPresence;
  alarm: ChatAlarm;
}

/** A room that is open on this device: every row of it was verified here. */
export interface Room {
  readonly id: string;
  readonly kind: RoomKind;
  /** Null where it has none, or this device has not the key for it. Direct rooms: the other's username. */
  readonly name: string | null;
  readonly members: readonly RoomMember[];
  /** Null when one is in it no more. */
  readonly role: RoomRole | null;
  readonly historyPolicy: RoomHistory;
  /** Deleted by its owner, or left by everybody. */
  readonly deleted: boolean;
  /** Why nothing is sent into this room; null where nothing is wrong. */
  readonly alarm: ChatAlarm | null;
  /**
   * Sends again although a member's device says to have seen another history, after a word with them. What the server
   * itself shows otherwise than before cannot be gone past.
   *
   * @throws CRYPTO_HISTORY
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * if (room.alarm?.userId) await room.goOn();
   * ```
   */
  goOn(options?: CallOptions): Promise<void>;
  /**
   * Seals, signs and sends. The message is shown as `pending` at once, kept until the server has it, also over a
   * restart, and sent again until then.
   *
   * @returns The message as `sent`.
   * @throws CONFLICT_AUDIENCE when somebody came into the room that was not there when this was written: it is held,
   * until `release` or `discard`; CRYPTO_HISTORY while the room's history is in doubt; ACCESS_NOT_FOUND when one is in
   * the room no more; NETWORK_ABORTED
   * @example
   * ```ts
   * const room = await trackit.rooms.create({ name: "Training" });
   * await room.send("first run at six");
   * await room.send({ type: "poll", data: { question: "Six or seven?" } });
   * ```
   */
  send(content: NewContent, options?: SendOptions): Promise<Message>;
  /**
   * Replaces what an own message says.
   *
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, and as `send`
   * @example
   * ```ts
   * const sent = await (await trackit.rooms.get(id)).send("at six");
   * await (await trackit.rooms.get(id)).edit(sent, "at seven");
   * ```
   */
  edit(message: Message | string, content: NewContent, options?: CallOptions): Promise<void>;
  /**
   * Deletes an own message for everybody: first signed, then taken from the server.
   *
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, and as `send`
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * await room.delete(await room.send("oops"));
   * ```
   */
  delete(message: Message | string, options?: CallOptions): Promise<void>;
  /**
   * Adds a reaction, or with `on: false` takes it back.
   *
   * @throws ACCESS_NOT_FOUND, and as `send`
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * room.on("message", (message) => void room.react(message, "👍"));
   * ```
   */
  react(message: Message | string, emoji: string, options?: CallOptions & { on?: boolean }): Promise<void>;
  /**
   * Messages that this device has verified, newest first.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for await (const { from, text } of room.history()) console.log(from.username, text);
   * ```
   */
  history(options?: CallOptions): Listing<Message>;
  /**
   * Messages in which all these words are found, newest first. Looked for on this device.
   *
   * @throws USAGE_INVALID
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * console.log((await room.search("run six")).length);
   * ```
   */
  search(words: string, options?: CallOptions): Promise<Message[]>;
  /**
   * Calls back as things happen, from now on; the first listener joins the room's channel, the last one leaves it.
   *
   * @throws USAGE_INVALID for another event
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * const stop = room.on("message", ({ from, text }) => console.log(from.username, text));
   * ```
   */
  on<Event extends keyof RoomEvents>(
    event: Event,
    listener: (payload: RoomEvents[Event]) => void,
  ): () => void;
  /**
   * Notes how far one has read, for one's own unread counts; in direct rooms the other is told.
   *
   * @param upTo When left out, everything.
   * @throws ACCESS_NOT_FOUND, NETWORK_ codes
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).markRead();
   * ```
   */
  markRead(upTo?: Message, options?: CallOptions): Promise<void>;
  /**
   * Sends a message that is held or failed.
   *
   * @throws ACCESS_NOT_FOUND, and as `send`
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * room.on("change", (message) => message.status === "held" && void room.release(message));
   * ```
   */
  release(message: Message | string, options?: CallOptions): Promise<Message>;
  /**
   * Gives a message up that was not sent.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * room.on("change", (message) => message.status === "failed" && void room.discard(message));
   * ```
   */
  discard(message: Message | string): Promise<void>;
  /**
   * Gives the room another name, sealed for its members.
   *
   * @throws ACCESS_DENIED, USAGE_INVALID, CRYPTO_HISTORY
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).rename("Marathon");
   * ```
   */
  rename(name: string, options?: CallOptions): Promise<void>;
  /**
   * Brings somebody in, with the history where the room shares it.
   *
   * @param who username or id.
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, USAGE_REFERENCE where they have no keys yet or cannot be reached,
   * CRYPTO_IDENTITY, CRYPTO_HISTORY
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).add("ben", { role: "admin" });
   * ```
   */
  add(who: string, options?: CallOptions & { role?: "member" | "admin" }): Promise<void>;
  /**
   * Puts a member out: they read nothing that is sent from then on.
   *
   * @param who id, or username as their devices have signed it.
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, CRYPTO_HISTORY, CRYPTO_IDENTITY where several members are called so
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).remove("ben");
   * ```
   */
  remove(who: string, options?: CallOptions): Promise<void>;
  /**
   * Gives a member another role. Whoever makes another one owner is an admin from then on.
   *
   * @param who id, or username as their devices have signed it.
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, CRYPTO_IDENTITY where several members are called so
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).setRole("ben", "admin");
   * ```
   */
  setRole(who: string, role: RoomRole, options?: CallOptions): Promise<void>;
  /**
   * Makes an invite, for an address of the app: `https://app.example/join#` and this text. Nobody but who has it can
   * ask, and the server never sees it. Every device of the inviter's that is online lets people in, in the background.
   *
   * @throws ACCESS_DENIED, USAGE_INVALID
   * @example
   * ```ts
   * const link = await (await trackit.rooms.get(id)).invite({ uses: 10 });
   * console.log(`https://app.example/join#${link}`);
   * ```
   */
  invite(options?: InviteInput): Promise<string>;
  /**
   * Invites by which somebody can come in still, everybody's, the oldest first.
   *
   * @throws NETWORK_ codes
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for (const { role, left } of await room.invites()) console.log(role, left);
   * ```
   */
  invites(options?: CallOptions): Promise<RoomInvite[]>;
  /**
   * Takes an invite back: nobody comes in by it any more.
   *
   * @param invite Its id, or the link.
   * @throws ACCESS_NOT_FOUND, ACCESS_DENIED
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for (const invite of await room.invites()) await room.withdrawInvite(invite.id);
   * ```
   */
  withdrawInvite(invite: string, options?: CallOptions): Promise<void>;
  /**
   * Who was in this room, has begun anew (`devices.startOver`) and is not back: for one line, "reset; add back?". To add
   * them: `devices.accept(userId)`, then `add(userId)`. They are told until `acknowledgeReset`.
   *
   * @throws NETWORK_ codes
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for (const { username } of await room.resets()) console.log(`${username} has new keys. Add them back?`);
   * ```
   */
  resets(options?: CallOptions): Promise<RoomReset[]>;
  /**
   * Notes on this device that its user has seen that line.
   *
   * @throws nothing where there is no such line
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for (const { userId } of await room.resets()) await room.acknowledgeReset(userId);
   * ```
   */
  acknowledgeReset(userId: string, options?: CallOptions): Promise<void>;
  /**
   * What this device has verified and opened of the room, oldest first, with what is unreadable as that. It is read from
   * this device and goes nowhere but to the caller, in pieces of text.
   *
   * @throws USAGE_INVALID for another format, NETWORK_ABORTED
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for await (const piece of room.export({ format: "text" })) console.log(piece);
   * ```
   */
  export(options?: RoomExportOptions): ExportStream;
  /**
   * Tells members who have the room open that somebody types here, for some seconds.
   *
   * @throws nothing: it is a hint, and may be lost
   * @example
   * ```ts
   * (await trackit.rooms.get(id)).typing();
   * ```
   */
  typing(on?: boolean): void;
  /**
   * Goes. An owner's place passes on to the admin, else the member, who is there for longest.
   *
   * @throws ACCESS_NOT_FOUND, ACCESS_DENIED for a self room
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).leave();
   * ```
   */
  leave(options?: CallOptions): Promise<void>;
  /**
   * Ends the room for everybody; its owner's alone.
   *
   * @throws ACCESS_DENIED
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).destroy();
   * ```
   */
  destroy(options?: CallOptions): Promise<void>;
}
