import { concat, equal, toHex } from "../../crypto/bytes/index.ts";
import { decodeRoomEntry } from "../../crypto/room-log/index.ts";
import type { Core } from "../core.ts";
import { toUuid } from "../ids.ts";
import type { Folded } from "./fold.ts";

/** A record is a root, and after it 1 once its user has seen that line. */
export const ROOT_BYTES = 32;
export const resetsOf = (room: Uint8Array): string => `reset/${toHex(room)}/`;

/** Keeps that somebody's identity ended here, by a valid row of the room's log: the row is judged once, the line stays. */
export async function noteReset({ keystore, me }: Core, { effect, row }: Folded): Promise<void> {
  if (row.kind !== "entry" || effect.verdict !== "valid") return;
  const { entry } = decodeRoomEntry(row.bytes);
  if (entry.op !== "erased" || equal(entry.user, me.user)) return;
  const record = resetsOf(entry.room) + toUuid(entry.user);
  const before = await keystore.get(record);
  if (before && equal(before.slice(0, ROOT_BYTES), entry.userRoot)) return;
  await keystore.batch([{ record, value: concat(entry.userRoot, new Uint8Array([0])) }]);
}
