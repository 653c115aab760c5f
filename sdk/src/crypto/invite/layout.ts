import { type Bytes, fromBase64url, openFailed, Reader, toBase64url } from "../bytes/index.ts";
import { decode, encode, fixed, hash, head, id, struct, u64, type Value, versioned } from "../codec.ts";

const LINK = struct({ room: id, invite: id, secret: hash, head, inviter: id, root: hash });
const PREFIX = "1.";

/** What the fragment of an invite's address holds. */
export type InviteLink = Value<typeof LINK>;

/** @see docs/protocol.md §12.1 */
export const encodeInviteLink = (link: InviteLink): string => PREFIX + toBase64url(encode(LINK, link));

/** @throws CRYPTO_OPEN_FAILED */
export function decodeInviteLink(fragment: string): InviteLink {
  if (!fragment.startsWith(PREFIX)) throw openFailed();
  return decode(LINK, fromBase64url(fragment.slice(PREFIX.length)));
}

const JOIN = versioned(
  struct({
    room: id,
    invite: id,
    logSeq: u64,
    user: id,
    root: hash,
    deviceHead: head,
    device: id,
    time: u64,
  }),
);
const MAC = 64;
const SIGNATURE = 64;

/** Somebody who asks to be let in. */
export type Join = Value<typeof JOIN>;

export interface SignedJoin {
  join: Join;
  /** What the MAC is over. */
  body: Bytes;
  mac: Bytes;
  signature: Bytes;
}

export const encodeJoin = (join: Join): Bytes => encode(JOIN, join);

/** @throws CRYPTO_OPEN_FAILED */
export function decodeJoin(bytes: Uint8Array): SignedJoin {
  const reader = new Reader(bytes);
  const body = reader.fixed(Math.max(0, bytes.length - MAC - SIGNATURE));
  const [mac, signature] = [fixed(MAC).read(reader), fixed(SIGNATURE).read(reader)];
  return { join: decode(JOIN, body), body, mac, signature };
}
