import { type Bytes, toHex } from "../../crypto/bytes/index.ts";
import { decode, encode, type Head, head, NO_HEAD, struct } from "../../crypto/codec.ts";
import type { Keystore } from "../../store/keys/types.ts";

const OWN = struct({ head });

export const ownName = (room: Uint8Array): string => `own/${toHex(room)}`;

/** Number and hash of the last message that this device has signed in a room, whichever tab it was. */
export async function readOwn(
  keystore: Keystore,
  room: Uint8Array,
): Promise<{ head: Head; value: Bytes | null }> {
  const value = await keystore.get(ownName(room));
  return { head: value ? decode(OWN, value).head : NO_HEAD, value };
}

export const encodeOwn = (own: Head): Bytes => encode(OWN, { head: own });
