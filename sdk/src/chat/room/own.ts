import { type Bytes, equal, toHex } from "../../crypto/bytes/index.ts";
import { decode, encode, type Head, hash, head, NO_HEAD, struct, u64 } from "../../crypto/codec.ts";
import type { Epoch } from "../../crypto/epoch/index.ts";
import type { Keystore } from "../../store/keys/types.ts";

const OWN = struct({ head, epoch: u64, commit: hash });

/** The last message that this device has signed in a room, whichever tab it was. */
export interface Own {
  /** Its number and hash. */
  head: Head;
  /** The epoch that it was signed for; one that the room has not begun where it went out with the commit itself. */
  epoch: number;
  /** That epoch's commit: numbers of one that never was count no more. */
  commit: Bytes;
}

const NOTHING: Own = { head: NO_HEAD, epoch: 0, commit: NO_HEAD.hash };

export const ownName = (room: Uint8Array): string => `own/${toHex(room)}`;

export async function readOwn(
  keystore: Keystore,
  room: Uint8Array,
): Promise<{ own: Own; value: Bytes | null }> {
  const value = await keystore.get(ownName(room));
  return { own: value ? decode(OWN, value) : NOTHING, value };
}

export const encodeOwn = (own: Own): Bytes => encode(OWN, own);

/** Whether it was signed for that very epoch. */
export const isOf = ({ epoch, commit }: Own, { number, hash: now }: Epoch): boolean =>
  epoch === number && equal(commit, now);
