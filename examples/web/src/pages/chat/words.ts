import type { Message, MessageProblem, RoomSummary } from "@trackit/sdk";
import { type ChatWords, chatEn } from "../../i18n/chat-en.ts";
import { chatPt } from "../../i18n/chat-pt.ts";
import { type Language, useWords } from "../../i18n/language.tsx";

const dictionaries: Record<Language, ChatWords> = { en: chatEn, pt: chatPt };

/** The words of chat beside those of the app; they come with the page. */
export function useChatWords() {
  const words = useWords();
  return { ...words, c: dictionaries[words.language] };
}

/** What a room is called, also where it has no name or this device cannot read it. */
export function nameOf({ kind, name }: Pick<RoomSummary, "kind" | "name">, c: ChatWords): string {
  if (kind === "self") return c.self;
  return name ?? (kind === "direct" ? c.someone : c.unnamed);
}

/** Who said something, as its reader calls them. */
export function authorOf({ from }: Message, c: ChatWords): string {
  return from.own ? c.you : (from.username ?? c.someone);
}

/** What a message says in one line; empty for what is not there. */
export function summaryOf({ content, text }: Message, c: ChatWords): string {
  if (!content) return "";
  if (content.kind === "structured") return c.structured(content.type);
  if (content.kind === "files")
    return [c.files(content.files.length), content.caption].filter(Boolean).join(": ");
  return content.kind === "unknown" ? c.unknown : text;
}

/** By these words of its own the SDK says that somebody is not who was known, or verified. */
const OTHER_KEYS = / is not who was verified| has begun anew/;

/** Why a message is not there, and what can be done; null where it is. */
export function problemOf({ status, problem }: Message, c: ChatWords): MessageProblem | null {
  if (status === "pending" || status === "sent") return null;
  if (status !== "unreadable" && problem && OTHER_KEYS.test(problem.cause)) return c.states.stranger;
  // What stopped a message is told by the page: the SDK's sentence is for developers.
  if (status !== "unreadable" || !problem) return c.states[status];
  return c.problems[problem.cause] ?? problem;
}
