import { type Incoming, MalformedFrameError, type Persist, type UserBroadcast } from "./message.ts";

const pushKind = 3;
const broadcastKind = 4;
const encodings = ["binary", "json"] as const;
const pushHeader = 7;
/** One byte tells each length. */
const longest = 255;

/**
 * Reads a binary push: kind 3, the lengths of join_ref, ref, topic, event and meta, the encoding, these five as
 * UTF-8, then the payload. Of meta, which is JSON, `persist` alone is looked at.
 */
export function readPush(bytes: Buffer): Incoming {
  if (bytes.length < pushHeader || bytes[0] !== pushKind) throw new MalformedFrameError("it is no push");
  const encoding = encodings[bytes[6] ?? -1];
  if (!encoding) throw new MalformedFrameError(`its encoding is ${bytes[6]}`);
  let at = pushHeader;
  const fields: string[] = [];
  for (let index = 1; index <= 5; index++) {
    const end = at + (bytes[index] ?? 0);
    if (end > bytes.length) throw new MalformedFrameError("it is shorter than its lengths say");
    fields.push(bytes.toString("utf8", at, end));
    at = end;
  }
  const [joinRef = "", ref = "", topic = "", event = "", meta = ""] = fields;
  const persist = meta === "" ? null : readPersist(meta);
  const user: UserBroadcast = { event, encoding, bytes: bytes.subarray(at) };
  const said = { joinRef: joinRef || null, ref: ref || null, topic, event: "broadcast", payload: {}, user };
  return persist ? { ...said, persist } : said;
}

/** `true`, or `{ttl}` in seconds; anything else is no wish. */
function readPersist(meta: string): Persist | null {
  const { persist } = parseObject(meta);
  if (persist === true) return { ttl: null };
  if (typeof persist !== "object" || persist === null) return null;
  const { ttl } = persist as { ttl?: unknown };
  return { ttl: typeof ttl === "number" && ttl > 0 ? ttl : null };
}

function parseObject(text: string): { persist?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * Writes a binary broadcast: kind 4, the lengths of topic, event and meta, the encoding, these three, the payload.
 * @returns null where a name is too long for its byte
 */
export function writeBroadcast(
  topic: string,
  { event, encoding, bytes }: UserBroadcast,
  meta = "",
): Buffer | null {
  const names = [Buffer.from(topic), Buffer.from(event), Buffer.from(meta)];
  if (names.some((name) => name.length > longest)) return null;
  const lengths = names.map((name) => name.length);
  return Buffer.concat([
    Buffer.from([broadcastKind, ...lengths, encodings.indexOf(encoding)]),
    ...names,
    bytes,
  ]);
}
