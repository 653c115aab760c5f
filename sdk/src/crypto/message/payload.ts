import { type Bytes, misuse, openFailed, type Reader, Writer } from "../bytes/index.ts";
import {
  bytes16,
  decode,
  encode,
  type Field,
  fixed,
  flag,
  from64,
  hash,
  named,
  only,
  struct,
  text16,
  u8,
  u64,
  type Value,
} from "../codec.ts";
import { decodeFileInfo, encodeFileInfo, type FileInfo } from "../file/info.ts";
import { json } from "./json.ts";
import type { MessageClass } from "./layout.ts";

/** Kinds from here on are of class control. */
const FIRST_CONTROL = 16;
const MOST_PAYLOAD = 61_440;

/** A file info says its own length, so it is taken apart once to find its end. */
const INFO = struct({
  fields: fixed(96),
  name: bytes16(0, 255),
  type: bytes16(0, 127),
  thumbnail: bytes16(0, 16_384),
});
export const fileInfo: Field<FileInfo> = {
  write(writer, value) {
    const bytes = encodeFileInfo(value);
    writer.fixed(bytes, bytes.length);
  },
  read: (reader) => decodeFileInfo(encode(INFO, INFO.read(reader))),
};

const files: Field<readonly FileInfo[]> = {
  write(writer, value) {
    if (value.length < 1 || value.length > 10) throw misuse("files", value.length, "1 to 10");
    writer.u8(value.length);
    for (const file of value) fileInfo.write(writer, file);
  },
  read(reader) {
    const count = reader.u8();
    if (count < 1 || count > 10) throw openFailed();
    return Array.from({ length: count }, () => fileInfo.read(reader));
  },
};

/** @see docs/protocol.md §16.1 */
const CONTENT = {
  text: [1, struct({ reply: hash, text: text16(1, 32_768) })],
  structured: [
    2,
    struct({ reply: hash, type: only(text16(1, 64), (type) => /^[a-z0-9._/-]+$/.test(type)), json }),
  ],
  files: [3, struct({ reply: hash, caption: text16(0, 4096), files })],
} as const;
/** A payload of a kind that is not known yet: kept as it is. */
export interface Unknown {
  kind: "unknown";
  number: number;
  bytes: Bytes;
}
type Known<Kinds extends Record<string, readonly [number, Field<unknown>]>> = {
  [Kind in keyof Kinds]: { kind: Kind } & Value<Kinds[Kind][1]>;
}[keyof Kinds];
/** What is said. `reply` is the hash of the message that is answered, zeros for none. */
export type Content = Known<typeof CONTENT> | Unknown;

const content: Field<Content> = {
  write(writer, value) {
    if (classOf(value) !== "content") throw misuse("an edit", value.kind, "to content");
    writePayload(writer, value);
  },
  read: (reader) => readPayload(reader, "content") as Content,
};

/** @see docs/protocol.md §16.2 */
const CONTROL = {
  edit: [16, struct({ target: hash, counter: from64(1), content })],
  delete: [17, struct({ target: hash })],
  reaction: [18, struct({ target: hash, on: flag, emoji: text16(1, 64) })],
  receipt: [19, struct({ state: named(["received", "read"]), row: u64, target: hash })],
  history: [20, only(struct({ from: from64(1), to: u64 }), ({ from, to }) => to >= from)],
} as const;
/** What is done to what was said. */
export type Control = Known<typeof CONTROL>;
export type Payload = Content | Control;

const KINDS = { ...CONTENT, ...CONTROL } as unknown as Record<string, readonly [number, Field<object>]>;

function writePayload(writer: Writer, payload: Payload): void {
  if (payload.kind === "unknown") {
    writer.u8(payload.number).fixed(payload.bytes, payload.bytes.length);
    return;
  }
  const [number, field] = KINDS[payload.kind] ?? [];
  if (number === undefined || !field)
    throw misuse("a payload", payload.kind, "a kind of docs/protocol.md §16");
  field.write(writer.u8(number), payload);
}

function readPayload(reader: Reader, wanted: MessageClass): Payload {
  const number = u8.read(reader);
  if (number === 0 || classOfKind(number) !== wanted) throw openFailed();
  const found = Object.entries(KINDS).find(([, [one]]) => one === number);
  if (!found) return { kind: "unknown", number, bytes: reader.rest() };
  const [kind, [, field]] = found;
  return { kind, ...field.read(reader) } as Payload;
}

const classOfKind = (number: number): MessageClass => (number < FIRST_CONTROL ? "content" : "control");

/** Which class a message with this payload is of. */
export const classOf = (payload: Payload): MessageClass =>
  classOfKind(payload.kind === "unknown" ? payload.number : (KINDS[payload.kind]?.[0] ?? 0));

/** @throws USAGE_INVALID for a field out of range, and beyond 61,440 bytes. */
export function encodePayload(payload: Payload): Bytes {
  const writer = new Writer();
  writePayload(writer, payload);
  const bytes = writer.done();
  if (bytes.length > MOST_PAYLOAD)
    throw misuse("a payload", `${bytes.length} bytes`, `at most ${MOST_PAYLOAD}`);
  return bytes;
}

/** @throws CRYPTO_OPEN_FAILED, also where class and kind do not agree. */
export const decodePayload = (wanted: MessageClass, bytes: Uint8Array): Payload =>
  decode({ write: writePayload, read: (reader: Reader) => readPayload(reader, wanted) }, bytes);
