import { type Bytes, fromUtf8, opening, pad, unpad, utf8, Writer } from "../bytes/index.ts";
import { openBytes, sealBytes } from "../chunked/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";

const context = (room: Uint8Array, seq: number): Bytes =>
  tagged(TAGS.roomName, room, new Writer().u64(seq).done());

/** The key of names under an epoch's secret. @see docs/protocol.md §11.3 */
export function nameKey(suite: Suite, secret: CryptoKey, commit: Uint8Array): Promise<CryptoKey> {
  return suite.expandKey(secret, tagged(TAGS.roomNameKey, commit));
}

/** @param seq Number of the `rename` entry that will carry it. */
export function sealName(
  suite: Suite,
  key: CryptoKey,
  { room, seq, name }: { room: Uint8Array; seq: number; name: string },
): Promise<Bytes> {
  return sealBytes(suite, key, context(room, seq), pad(utf8(name)));
}

/** @throws CRYPTO_OPEN_FAILED */
export function openRoomName(
  suite: Suite,
  key: CryptoKey,
  { room, seq, sealed }: { room: Uint8Array; seq: number; sealed: Uint8Array },
): Promise<string> {
  return opening(async () => fromUtf8(unpad(await openBytes(suite, key, context(room, seq), sealed))));
}
