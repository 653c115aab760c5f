import { type Bytes, Reader } from "../bytes/index.ts";
import {
  bytes16,
  bytes32,
  decode,
  encode,
  type Field,
  fixed,
  flag,
  hash,
  head,
  id,
  struct,
  type Value,
  versioned,
} from "../codec.ts";

const MAC = 64;
const MOST_PINS = 4 * 1024 * 1024;

const REQUEST = versioned(
  struct({ user: id, request: id, temporary: flag, wrapKey: fixed(422), signingKey: fixed(65) }),
);
const ANSWER = versioned(
  struct({ request: id, root: hash, head, entry: bytes16(64, 1024), pins: bytes32(MOST_PINS) }),
);

/** What a new device asks. */
export type ApprovalRequest = Value<typeof REQUEST>;
export type ApprovalAnswer = Value<typeof ANSWER>;

export interface Authentic<T> {
  value: T;
  body: Bytes;
  mac: Bytes;
}

function decodeAuthentic<T>(field: Field<T>, bytes: Uint8Array): Authentic<T> {
  const reader = new Reader(bytes);
  const body = reader.fixed(Math.max(0, bytes.length - MAC));
  return { value: decode(field, body), body, mac: fixed(MAC).read(reader) };
}

export const encodeRequest = (request: ApprovalRequest): Bytes => encode(REQUEST, request);
export const encodeAnswer = (answer: ApprovalAnswer): Bytes => encode(ANSWER, answer);
/** @throws CRYPTO_OPEN_FAILED */
export const decodeRequest = (bytes: Uint8Array): Authentic<ApprovalRequest> =>
  decodeAuthentic(REQUEST, bytes);
/** @throws CRYPTO_OPEN_FAILED */
export const decodeAnswer = (bytes: Uint8Array): Authentic<ApprovalAnswer> => decodeAuthentic(ANSWER, bytes);
