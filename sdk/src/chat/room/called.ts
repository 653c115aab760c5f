import { type Bytes, toHex } from "../../crypto/bytes/index.ts";
import { TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import { isUuid } from "../../ids/uuid7.ts";
import { fromUuid } from "../ids.ts";
import type { RoomEngine } from "./engine.ts";

/**
 * Who is meant by an id, or by the name that a member's devices have signed. Not by what the server says: asked for a
 * name it could give another member's id, and that one would be put out or given a role.
 *
 * @throws USAGE_INVALID, ACCESS_NOT_FOUND, CRYPTO_IDENTITY where several members are called so
 */
export function memberCalled({ group, names }: RoomEngine, who: unknown, action: string): Bytes {
  if (isUuid(who)) return fromUuid(who);
  if (typeof who !== "string" || who === "") throw invalid(action, "who", who, "a username, or an id");
  const isMeant = (name: string | null | undefined): boolean => name?.toLowerCase() === who.toLowerCase();
  const { members } = group.room.log;
  const [found, other] = [...members.values()].filter(({ user }) => isMeant(names.get(toHex(user))));
  if (found && !other) return found.user;
  const hint = "room.members has the ids of everybody in it";
  throw found
    ? new TrackItError("CRYPTO_IDENTITY", `${action}: several members are called ${who}`, { hint })
    : new TrackItError("ACCESS_NOT_FOUND", `${action}: no member is called ${who}`, { hint });
}
