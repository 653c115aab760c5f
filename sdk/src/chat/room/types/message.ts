import type { Attachment } from "../../../files/types.ts";
import type { Json } from "../../../types.ts";

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
