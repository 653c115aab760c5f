import { equal, fromBase64url, openFailed, toBase64url } from "../bytes/index.ts";
import { decode, encode, hash, head, id, struct, type Value } from "../codec.ts";

const PREFIX = "trackit-id:1:";
const known = struct({
  /** 16 bytes. */
  user: id,
  /** Hash of the device log's first entry. */
  root: hash,
  /** How far the device log is known. */
  head,
});
const code = struct({ own: known, their: known });

/** One side of what a QR code says. */
export type Known = Value<typeof known>;

/** The text of the code that its owner shows: who both are, and what the owner has verified of both. */
export function encodeIdentity(own: Known, their: Known): string {
  return PREFIX + toBase64url(encode(code, { own, their }));
}

/**
 * Reads somebody's code and compares it with what is known here. Whether the heads are on the logs is for the caller
 * to say, who has the logs.
 *
 * @param own Who scans.
 * @param their Who shows, as known here.
 * @returns What the other side has verified, from the scanner's point of view.
 * @throws CRYPTO_OPEN_FAILED for another user or another root on either side, and for no such code.
 */
export function scanIdentity(text: string, own: Known, their: Known): { own: Known; their: Known } {
  if (!text.startsWith(PREFIX)) throw openFailed();
  const shown = decode(code, fromBase64url(text.slice(PREFIX.length)));
  if (!(isSame(shown.own, their) && isSame(shown.their, own))) throw openFailed();
  return { own: shown.their, their: shown.own };
}

const isSame = (one: Known, other: Known) => equal(one.user, other.user) && equal(one.root, other.root);
