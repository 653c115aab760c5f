import { type Bytes, fromBase64url, fromHex, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import { classOf, decodePayload, encodePayload, type Payload } from "../../crypto/message/index.ts";
import type { TrackItError } from "../../errors.ts";
import type { Keystore } from "../../store/keys/types.ts";

/** A message of this device that the room has not yet. */
export interface Draft {
  id: string;
  payload: Payload;
  /** Who was in the room when it was written. */
  audience: readonly string[];
  at: number;
  status: "pending" | "failed" | "held";
  error: TrackItError | null;
  /** Its author has said that newcomers may read it. */
  released: boolean;
  /** Sealed and signed, for that epoch: sent again as it is. */
  sealed: { bytes: Bytes; epoch: number } | null;
}

const prefix = (room: Uint8Array): string => `outbox/${toHex(room)}/`;

export const draftName = (room: Uint8Array, id: string): string => prefix(room) + id;

export function encodeDraft({ payload, sealed, error: _, ...draft }: Draft): Bytes {
  const text = JSON.stringify({
    ...draft,
    class: classOf(payload),
    payload: toBase64url(encodePayload(payload)),
    sealed: sealed && { ...sealed, bytes: toBase64url(sealed.bytes) },
  });
  return new TextEncoder().encode(text);
}

/** What was not acknowledged before, in the order in which it was written: ids are made in that order. */
export async function readDrafts(keystore: Keystore, room: Uint8Array): Promise<Draft[]> {
  const records = await keystore.list(prefix(room));
  return records.map(([, value]) => {
    const { class: kind, payload, sealed, ...draft } = JSON.parse(new TextDecoder().decode(value));
    return {
      ...draft,
      error: null,
      payload: decodePayload(kind, fromBase64url(payload)),
      sealed: sealed && { ...sealed, bytes: fromBase64url(sealed.bytes) },
    } as Draft;
  });
}

/** Rooms with something that was not acknowledged. */
export async function withDrafts(keystore: Keystore): Promise<Bytes[]> {
  const records = await keystore.list("outbox/");
  return [...new Set(records.map(([name]) => name.split("/")[1] ?? ""))].map(fromHex);
}
