import { fromHex, toHex } from "../../crypto/bytes/index.ts";
import { decodeInviteLink, encodeInviteLink, hashInviteSecret } from "../../crypto/invite/index.ts";
import type { Invite, RoomChange } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { isUuid } from "../../ids/uuid7.ts";
import { fromUuid, toUuid } from "../ids.ts";
import { changeRoom } from "../room/change.ts";
import type { RoomEngine } from "../room/engine.ts";
import { inviteName, isOpenInvite } from "../room/invite.ts";
import type { RoomInvite } from "../types.ts";

export interface InviteOptions {
  role: "member" | "admin";
  /** How many may come by it. */
  uses: number;
  /** Milliseconds since 1970. */
  expires: number;
}

/** Of a room that can have no more: docs/protocol.md §22. */
const MOST_INVITES = 100;

/**
 * The invite that makes place for another one where a room has all that it can have: one that is over, since no rule of
 * the log goes by a clock. Null where there is place, or every one of them can still be used.
 */
export function inTheWay(invites: Iterable<Invite>, now = Date.now()): Invite | null {
  const standing = [...invites].filter(({ used, uses }) => used < uses);
  return standing.length < MOST_INVITES ? null : (standing.find((one) => !isOpenInvite(one, now)) ?? null);
}

/** Makes an invite and gives what its address has to hold behind the `#`. */
export async function makeInvite(
  engine: RoomEngine,
  { role, uses, expires }: InviteOptions,
): Promise<string> {
  const { core, room } = engine;
  const { keystore, me, suite } = core;
  const [invite, secret] = [suite.random(16), suite.random(32)];
  const secretHash = await hashInviteSecret(suite, secret);
  // Kept first: an invite in the log that nobody can answer would be in vain.
  await keystore.batch([{ record: inviteName(room, invite), value: secret }]);
  await core.shared().catch(() => {}); // Where it cannot be now, it is soon.
  const rank = role === "admin" ? 2 : 1;
  const invites = () => engine.group.room.log.invites;
  if (inTheWay(invites().values()))
    await changeRoom(engine, "room.invite", async () => {
      const over = inTheWay(invites().values());
      return over && { op: "invite", ...over, invite: over.id, uses: 0 };
    });
  await changeRoom(engine, "room.invite", async () => {
    if (invites().has(toHex(invite))) return null;
    return { op: "invite", invite, role: rank, uses, expires, secretHash };
  });
  const { head } = engine.group.room.log;
  return encodeInviteLink({ room, invite, secret, head, inviter: me.user, root: me.root });
}

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
