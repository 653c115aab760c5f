import { type Bytes, Reader, Writer } from "../../crypto/bytes/index.ts";
import { unreadable } from "./seal.ts";
import type { SealedShelf, Wanted } from "./sealed-shelf.ts";
import type { Entry } from "./shelf.ts";
import type { Change, Guard, Pin } from "./types.ts";

/** Where things of each kind stand. */
export const RECORD = "record/";
export const SECRET = "secret/";
export const PIN = "pin/";

const HASH_BYTES = 32;

/** What a change writes. @throws CRYPTO_UNREADABLE for a secret that is none of this keystore's, or of another id. */
export async function entryOf(shelf: SealedShelf, change: Change): Promise<Entry> {
  if ("record" in change) {
    const at = RECORD + change.record;
    return [at, change.value && (await shelf.seal(at, change.value))];
  }
  if ("pin" in change) {
    const at = PIN + change.pin;
    return [at, await shelf.seal(at, fromPin(change.to))];
  }
  const { secret, sealed, from = secret } = change;
  if (sealed === null) return [SECRET + secret, null];
  // Refused here rather than found unreadable when it is needed.
  const open = await shelf.openKey(SECRET + from, sealed, true);
  const kept = await shelf.sealKey(SECRET + secret, open);
  if (!kept) throw unreadable();
  return [SECRET + secret, kept];
}

/** What a batch stands on: its guards, and where its pins move from. */
export function basisOf(changes: readonly Change[], guards: readonly Guard[]): Wanted[] {
  return [
    ...guards.map(({ record, value }): Wanted => [RECORD + record, value]),
    ...changes.flatMap((change): Wanted[] =>
      "pin" in change ? [[PIN + change.pin, change.from && fromPin(change.from)]] : [],
    ),
  ];
}

function fromPin({ seq, hash }: Pin): Bytes {
  return new Writer().u64(seq).fixed(hash, HASH_BYTES).done();
}

export function toPin(bytes: Bytes): Pin {
  const reader = new Reader(bytes);
  return { seq: reader.u64(), hash: reader.fixed(HASH_BYTES) };
}
