import { type Bytes, toHex } from "../../crypto/bytes/index.ts";
import type { RoomEngine } from "./engine.ts";
import { secretName } from "./fold.ts";

/** Epochs whose secrets this device keeps, in their order: a room that goes on from a checkpoint has few at hand. */
export async function keptEpochs({
  core,
  group,
  room,
}: Pick<RoomEngine, "core" | "group" | "room">): Promise<{ epoch: number; hash: Bytes; name: string }[]> {
  const kept = new Set(await core.keystore.secrets(`${toHex(room)}/`));
  const past = [...group.room.epochs.past].sort(([one], [other]) => one - other);
  return past.flatMap(([epoch, { hash }]) => {
    const name = secretName(room, hash);
    return kept.has(name) ? [{ epoch, hash, name }] : [];
  });
}
