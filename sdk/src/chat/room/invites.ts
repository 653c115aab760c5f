import { fromHex, toHex } from "../../crypto/bytes/index.ts";
import { decodeInviteLink } from "../../crypto/invite/index.ts";
import type { RoomChange } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { isUuid } from "../../ids/uuid7.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { RoomInvite } from "../types.ts";
import { changeRoom } from "./change.ts";
import type { RoomEngine } from "./engine.ts";
import { isOpenInvite } from "./invite.ts";

/** By which somebody can come in still. */
export async function openInvites(engine: RoomEngine, signal?: AbortSignal): Promise<RoomInvite[]> {
  signal?.throwIfAborted();
  await engine.sync("room.invites");
  const { me } = engine.core;
  return [...engine.group.room.log.invites.values()]
    .filter((invite) => isOpenInvite(invite))
    .map(({ author, expires, id, role, used, uses }) => ({
      id: toUuid(id),
      role: role === 2 ? ("admin" as const) : ("member" as const),
      left: uses - used,
      expiresAt: new Date(expires).toISOString(),
      userId: toUuid(author),
      own: toHex(author) === toHex(me.user),
    }));
}

/** @throws ACCESS_NOT_FOUND for one that is withdrawn already, ACCESS_DENIED */
export async function withdrawInvite(
  engine: RoomEngine,
  invite: string,
  signal?: AbortSignal,
): Promise<void> {
  const action = "room.withdrawInvite";
  const id = idIn(invite);
  const make = async (): Promise<RoomChange> => {
    const known = id && engine.group.room.log.invites.get(id);
    if (!known || known.uses === 0)
      throw new TrackItError("ACCESS_NOT_FOUND", `${action}: the room has no such invite`);
    const { expires, role, secretHash } = known;
    return { op: "invite", invite: fromHex(id), role, uses: 0, expires, secretHash };
  };
  await changeRoom(engine, action, make, signal);
}

/** The id of an invite, or of the one that a link holds; in hex. */
function idIn(invite: string): string | null {
  if (isUuid(invite)) return toHex(fromUuid(invite));
  try {
    return toHex(decodeInviteLink(String(invite).split("#").at(-1) ?? "").invite);
  } catch {
    return null;
  }
}
