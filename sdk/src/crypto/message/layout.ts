import { type Bytes, concat, openFailed, Reader } from "../bytes/index.ts";
import {
  decode,
  encode,
  from64,
  hash,
  head,
  id,
  named,
  range8,
  struct,
  u64,
  type Value,
  versioned,
} from "../codec.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";

const CLASSES = ["content", "control"] as const;
export type MessageClass = (typeof CLASSES)[number];

/** @see docs/protocol.md §15.1 */
const HEADER = versioned(
  struct({
    suite: range8(1, 1),
    class: named(CLASSES),
    room: id,
    epoch: from64(1),
    commit: hash,
    device: id,
    seq: from64(1),
    id,
    prev: hash,
    deviceHead: head,
    seen: head,
    time: u64,
  }),
);
const HEADER_BYTES = 219;
const LEAST_BODY = 328;
const MOST_BODY = 65_536;

export type MessageHeader = Value<typeof HEADER>;

/** A message, or what is left of it: a tombstone has no body. */
export interface Message {
  header: MessageHeader;
  /** The header's bytes: context of the body. */
  head: Bytes;
  body: Bytes | null;
  /** SHA-256 of the body. */
  bodyHash: Bytes;
  signature: Bytes;
  /** Its identity, over header and body hash. */
  hash: Bytes;
}

export const encodeHeader = (header: MessageHeader): Bytes => encode(HEADER, header);

export const messageHash = (suite: Suite, head: Bytes, bodyHash: Bytes): Promise<Bytes> =>
  suite.hash(TAGS.message, head, bodyHash);

/** @throws CRYPTO_OPEN_FAILED */
export async function decodeMessage(suite: Suite, bytes: Uint8Array): Promise<Message> {
  const reader = new Reader(bytes);
  const head = reader.fixed(HEADER_BYTES);
  const header = decode(HEADER, head);
  const length = reader.u32();
  if (length < LEAST_BODY || length > MOST_BODY) throw openFailed();
  const body = reader.fixed(length);
  const signature = reader.fixed(64);
  reader.end();
  const bodyHash = await suite.sha256(body);
  return { header, head, body, bodyHash, signature, hash: await messageHash(suite, head, bodyHash) };
}

/** @throws CRYPTO_OPEN_FAILED */
export async function decodeTombstone(suite: Suite, bytes: Uint8Array): Promise<Message> {
  const reader = new Reader(bytes);
  const head = reader.fixed(HEADER_BYTES);
  const header = decode(HEADER, head);
  const bodyHash = reader.fixed(32);
  const signature = reader.fixed(64);
  reader.end();
  return { header, head, body: null, bodyHash, signature, hash: await messageHash(suite, head, bodyHash) };
}

/** What stays of a message whose body is gone. @see docs/protocol.md §15.5 */
export const tombstone = ({ head, bodyHash, signature }: Message): Bytes => concat(head, bodyHash, signature);

/** What the transcript takes of a row of messages, whatever the row is worth. */
export async function rowHash(suite: Suite, bytes: Uint8Array, isTombstone: boolean): Promise<Bytes> {
  const head = bytes.slice(0, HEADER_BYTES) as Bytes;
  const rest = bytes.slice(HEADER_BYTES + (isTombstone ? 0 : 4), Math.max(HEADER_BYTES, bytes.length - 64));
  return messageHash(suite, head, isTombstone ? (rest as Bytes) : await suite.sha256(rest));
}
