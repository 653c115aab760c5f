import { type Bytes, concat, Reader } from "../bytes/index.ts";
import {
  bytes32,
  decode,
  encode,
  type Field,
  fixed,
  from64,
  hash,
  head,
  id,
  only,
  range8,
  struct,
  u64,
  type Value,
  versioned,
} from "../codec.ts";

/** @see docs/protocol.md §18 */
const HEAD = versioned(
  only(
    struct({
      suite: range8(1, 1),
      room: id,
      grantor: id,
      device: id,
      deviceHead: head,
      recipient: id,
      recipientDevice: id,
      wrapKey: hash,
      from: u64,
      to: u64,
      time: u64,
    }),
    ({ from, to }) => from <= to,
  ),
);
const HEAD_BYTES = 178;
export const MOST_EPOCHS = 1024;

export type GrantHead = Value<typeof HEAD>;
export const encodeGrantHead = (value: GrantHead): Bytes => encode(HEAD, value);

export interface SignedGrant {
  head: GrantHead;
  headBytes: Bytes;
  wrap: Bytes;
  sealed: Bytes;
  /** Everything before the signature: what is hashed. */
  body: Bytes;
  signature: Bytes;
}

const SECRET = struct({ epoch: from64(1), secret: hash });
/** An epoch's secret, in passing. */
export type EpochBytes = Value<typeof SECRET>;
const MOST_SEALED = 56 + MOST_EPOCHS * 40 + 3 * 16;
const BODY = struct({ wrap: fixed(384), sealed: bytes32(MOST_SEALED) });

export const encodeGrant = (head: Bytes, wrap: Bytes, sealed: Bytes): Bytes =>
  concat(head, encode(BODY, { wrap, sealed }));

/** @throws CRYPTO_OPEN_FAILED */
export function decodeGrant(bytes: Uint8Array): SignedGrant {
  const body = bytes.slice(0, Math.max(0, bytes.length - 64)) as Bytes;
  const reader = new Reader(body);
  const headBytes = reader.fixed(HEAD_BYTES);
  const rest = decode(BODY, reader.rest());
  const signature = new Reader(bytes.subarray(body.length)).fixed(64);
  return { ...rest, head: decode(HEAD, headBytes), headBytes, body, signature };
}

/** What is sealed: secrets in the order of their epochs, 1 to 1,024 of them, filling the bytes. */
const SECRETS: Field<readonly EpochBytes[]> = only(
  {
    write(writer, secrets) {
      for (const one of secrets) SECRET.write(writer, one);
    },
    read(reader) {
      const secrets: EpochBytes[] = [];
      while (reader.left > 0) secrets.push(SECRET.read(reader));
      return secrets;
    },
  },
  (secrets) =>
    secrets.length >= 1 &&
    secrets.length <= MOST_EPOCHS &&
    secrets.every(({ epoch }, at) => at === 0 || epoch > (secrets[at - 1]?.epoch ?? 0)),
);
export const encodeSecrets = (secrets: readonly EpochBytes[]): Bytes => encode(SECRETS, secrets);
/** @throws CRYPTO_OPEN_FAILED */
export const decodeSecrets = (bytes: Uint8Array): readonly EpochBytes[] => decode(SECRETS, bytes);
