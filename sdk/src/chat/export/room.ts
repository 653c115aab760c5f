import { toHex } from "../../crypto/bytes/index.ts";
import { invalid } from "../../failure/invalid.ts";
import { throwIfAborted } from "../../failure/network.ts";
import { toUuid } from "../ids.ts";
import { showUntil } from "../room/back.ts";
import type { RoomEngine } from "../room/engine.ts";
import type { Entry } from "../room/thread.ts";
import type { Message, Room } from "../types.ts";
import type { RoomExportOptions } from "./types.ts";

const ACTION = "room.export";
/** Messages in one piece. */
const AT_ONCE = 100;

/** Which of a member's devices has signed a message, and what; null where nobody has. */
interface Signed {
  device: string;
  /** SHA-256 of what was signed, docs/protocol.md §15.2; hex. */
  hash: string;
}

type Exported = Message & { signed: Signed | null };

/** The room as this device has it: what it has opened, in the room's order, and what it has not as that. */
export async function* exportRoom(
  engine: RoomEngine,
  room: Room,
  { format = "json", onProgress, signal }: RoomExportOptions,
): AsyncGenerator<string, void, undefined> {
  if (format !== "json" && format !== "text") throw invalid(ACTION, "format", format, "json or text");
  throwIfAborted(signal, ACTION);
  const { thread, sender } = engine;
  await showUntil(engine, () => false, ACTION, signal);
  const entries: (Entry | Message)[] = [...thread.entries, ...sender.list()];
  yield format === "json" ? jsonHead(engine, room) : textHead(room);
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    throwIfAborted(signal, ACTION);
    const part = entries.slice(at, at + AT_ONCE);
    const messages = part.map((one) => ("place" in one ? exported(engine, one) : { ...one, signed: null }));
    yield messages
      .map((one, index) =>
        format === "json" ? `${at + index > 0 ? "," : ""}\n${JSON.stringify(one)}` : asText(room, one),
      )
      .join("");
    onProgress?.({ done: at + part.length, total: entries.length });
    // A room of a hundred thousand messages leaves the page its turns.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  if (format === "json") yield "]}\n";
}

function exported({ thread }: RoomEngine, entry: Entry): Exported {
  const { device, hash } = entry;
  return { ...thread.show(entry), signed: device && hash ? { device: toUuid(device), hash } : null };
}

function jsonHead({ group, id }: RoomEngine, { alarm, historyPolicy, kind, members, name }: Room): string {
  const { seq, hash } = group.room.transcript.place;
  const about = { id, kind, name, historyPolicy, members, alarm, verified: { seq, transcript: toHex(hash) } };
  const at = JSON.stringify(new Date().toISOString());
  return `{"trackit":1,"exportedAt":${at},\n"room":${JSON.stringify(about)},\n"messages":[`;
}

function textHead({ members, name }: Room): string {
  const people = members.map(({ username, userId }) => username ?? userId).join(", ");
  return `${oneLine(name ?? people)}\n${oneLine(people)}\n\n`;
}

function asText({ members }: Room, message: Exported): string {
  const { at, content, edited, from, gap, reactions, text } = message;
  const called = (userId: string) => members.find((one) => one.userId === userId)?.username ?? userId;
  const lost = gap > 0 ? `    [${gap} messages of this device are missing here]\n` : "";
  const said = content?.kind === "text" ? indented(text) : content ? other(content) : absent(message);
  const notes = [
    ...(edited ? ["edited"] : []),
    ...reactions.map(({ emoji, userIds }) => `${oneLine(emoji)} ${userIds.map(called).join(", ")}`),
  ];
  const after = notes.length > 0 ? `    (${notes.join("; ")})\n` : "";
  const time = at.replace("T", " ").replace(/\.\d+Z$/, "Z");
  return `${lost}${time}  ${oneLine(from.username ?? from.userId)}: ${said}\n${after}`;
}

function other(content: NonNullable<Message["content"]>): string {
  if (content.kind === "structured") return `[${content.type}] ${indented(JSON.stringify(content.data))}`;
  if (content.kind === "files")
    return `[${content.files.map(({ name }) => oneLine(name)).join(", ")}] ${indented(content.caption)}`;
  return "[of a newer version]";
}

const absent = ({ problem, status }: Message): string =>
  problem ? `[${status}: ${oneLine(problem.cause)}]` : `[${status}]`;

/** No text can pass for the line of somebody else. */
const LINES = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;
const indented = (text: string): string => clean(text.replace(LINES, "\n    "));
const oneLine = (text: string): string => clean(text.replace(LINES, " ")).replaceAll("\n", " ");

/** Without what moves a terminal's cursor or turns the direction of what follows. */
const clean = (text: string): string => text.replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, "");
