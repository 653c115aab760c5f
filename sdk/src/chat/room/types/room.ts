import type { CallOptions } from "../../../types.ts";
import type { ChatAlarm } from "../../types.ts";
import type { Message } from "./message.ts";
import type { RoomMember, RoomPeople, RoomRole } from "./people.ts";
import type { RoomReading } from "./reading.ts";
import type { RoomTalk } from "./talk.ts";

export type RoomKind = "group" | "direct" | "self";

/** Who may read what was said before they came. */
export type RoomHistory = "none" | "shared";

/** Ids of members, as their own devices say: a hint, and nothing that is signed. */
export interface RoomPresence {
  present: string[];
  typing: string[];
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
export interface Room extends RoomTalk, RoomReading, RoomPeople {
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
}
