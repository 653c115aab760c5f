import { memberOf } from "../../crypto/room-log/index.ts";
import type { WireRequest } from "../inviting/admit.ts";
import type { RoomEngine } from "./engine.ts";

/**
 * Lets in whoever asks rightly, where this device is an admin's and the invite one of its user's, whichever of their
 * devices has made it. In the background; several devices may do so at once.
 */
export async function answerJoins(engine: RoomEngine): Promise<void> {
  const { core, id, group } = engine;
  const own = memberOf(group.room.log, core.me.user);
  if ((own?.role ?? 1) < 2 || group.room.log.kind !== "group") return;
  const found = await core.wire.ask<WireRequest[]>("join_requests_of", { room: id }, "rooms");
  if (found.length > 0) await (await import("../inviting/index.ts")).admitAll(engine, found);
}
