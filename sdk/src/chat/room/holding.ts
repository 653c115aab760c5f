import { type Bytes, equal, toHex } from "../../crypto/bytes/index.ts";
import { type Epoch, newcomers } from "../../crypto/epoch/index.ts";
import type { RoomLog } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { toUuid } from "../ids.ts";
import type { Draft } from "./drafts.ts";

export interface Company {
  epoch: Epoch;
  /** Roots that a person has verified, by user in hex. */
  verified: ReadonlyMap<string, Bytes>;
  nameOf(user: Uint8Array): string;
}

/**
 * Why a message is not for those who would read it: somebody came in after it was written, or is, under the name of
 * somebody verified, another identity. Null where nothing is wrong.
 */
export function heldBy(
  action: string,
  { audience, released }: Draft,
  { epoch, nameOf, verified }: Company,
): TrackItError | null {
  const readers = [...epoch.heads.values()];
  const strangers = readers.filter(({ user, root }) => {
    const known = verified.get(toHex(user));
    return known !== undefined && !equal(known, root);
  });
  if (strangers.length > 0)
    return held(
      "CRYPTO_IDENTITY",
      `${action}: ${names(strangers, nameOf)} is not who was verified`,
      strangers,
      {
        hint: "Compare devices.safetyNumber() with them by another way, then devices.accept() and room.release(message)",
      },
    );
  const come = released ? [] : newcomers(audience, epoch);
  if (come.length === 0) return null;
  return held("CONFLICT_AUDIENCE", `${action}: ${names(come, nameOf)} came in after this was written`, come, {
    hint: "room.release(message) sends it all the same, room.discard(message) gives it up",
  });
}

/** The other side of a direct room has another identity now, or none: nobody would read what is said here. */
export function whoBeganAnew(
  action: string,
  { kind, members }: RoomLog,
  nameOf: Company["nameOf"],
): TrackItError | null {
  const peer = kind === "direct" ? [...members.values()].find(({ erased }) => erased) : undefined;
  if (!peer) return null;
  return new TrackItError("CRYPTO_IDENTITY", `${action}: ${nameOf(peer.user)} has begun anew, or is gone`, {
    hint: "devices.accept() takes a new identity of theirs, rooms.direct() gives the room with it",
    details: { userId: toUuid(peer.user) },
  });
}

type Person = { user: Uint8Array };

const names = (people: readonly Person[], nameOf: Company["nameOf"]): string =>
  people.map(({ user }) => nameOf(user)).join(", ");

function held(
  code: "CRYPTO_IDENTITY" | "CONFLICT_AUDIENCE",
  message: string,
  people: readonly Person[],
  { hint }: { hint: string },
): TrackItError {
  return new TrackItError(code, message, {
    hint,
    details: { userIds: people.map(({ user }) => toUuid(user)) },
  });
}
