import { toHex } from "../../crypto/bytes/index.ts";
import type { Content } from "../../crypto/message/index.ts";
import type { Message } from "../types.ts";
import type { Draft } from "./drafts.ts";
import { contentOf, type Thread } from "./thread.ts";

/** What waits to be sent, as an app sees it. */
export function showDraft(
  { id, at, payload, status, error }: Draft,
  by: { roomId: string; userId: string; username: string; thread: Thread },
): Message {
  const content = contentOf(payload as Content, by.userId);
  const reply = "reply" in payload ? toHex(payload.reply) : "";
  return {
    id,
    roomId: by.roomId,
    seq: null,
    status,
    from: { userId: by.userId, username: by.username, own: true },
    at: new Date(at).toISOString(),
    content,
    text: content.kind === "text" ? content.text : "",
    edited: false,
    reactions: [],
    replyTo: by.thread.idOf(reply),
    problem: error && { cause: error.message, next: error.hint ?? "Send it again, or give it up." },
    gap: 0,
  };
}
