import type { CallOptions } from "../../../types.ts";

export type RoomRole = "member" | "admin" | "owner";

export interface RoomMember {
  userId: string;
  /** As its devices have signed it; null where it is not known. */
  username: string | null;
  role: RoomRole;
  own: boolean;
}

export interface InviteInput extends CallOptions {
  /** `member` when left out. */
  role?: "member" | "admin" | undefined;
  /** How many people may come by it; one when left out. */
  uses?: number | undefined;
  /** Milliseconds; a day when left out, a year at most. */
  expiresIn?: number | undefined;
}

/** An invite by link that stands in the room's log. */
export interface RoomInvite {
  id: string;
  role: "member" | "admin";
  /** How many may come by it still. */
  left: number;
  /** ISO 8601. */
  expiresAt: string;
  /** Who made it. */
  userId: string;
  own: boolean;
}

/** Somebody who lost their keys and began anew: in this room they are a stranger until somebody adds them. */
export interface RoomReset {
  userId: string;
  /** As their new identity has signed it. */
  username: string | null;
}

/** Who is in a room, and as what; its name, and its end. */
export interface RoomPeople {
  /**
   * Gives the room another name, sealed for its members.
   *
   * @throws ACCESS_DENIED, USAGE_INVALID, CRYPTO_HISTORY
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).rename("Marathon");
   * ```
   */
  rename(name: string, options?: CallOptions): Promise<void>;
  /**
   * Brings somebody in, with the history where the room shares it.
   *
   * @param who username or id.
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, USAGE_REFERENCE where they have no keys yet or cannot be reached,
   * CRYPTO_IDENTITY, CRYPTO_HISTORY
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).add("ben", { role: "admin" });
   * ```
   */
  add(who: string, options?: CallOptions & { role?: "member" | "admin" }): Promise<void>;
  /**
   * Puts a member out: they read nothing that is sent from then on.
   *
   * @param who id, or username as their devices have signed it.
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, CRYPTO_HISTORY, CRYPTO_IDENTITY where several members are called so
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).remove("ben");
   * ```
   */
  remove(who: string, options?: CallOptions): Promise<void>;
  /**
   * Gives a member another role. Whoever makes another one owner is an admin from then on.
   *
   * @param who id, or username as their devices have signed it.
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, CRYPTO_IDENTITY where several members are called so
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).setRole("ben", "admin");
   * ```
   */
  setRole(who: string, role: RoomRole, options?: CallOptions): Promise<void>;
  /**
   * Makes an invite, for an address of the app: `https://app.example/join#` and this text. Nobody but who has it can
   * ask, and the server never sees it. Every device of the inviter's that is online lets people in, in the background.
   * A room has at most 100 that somebody can still come by.
   *
   * @throws ACCESS_DENIED, USAGE_INVALID, LIMIT_SIZE
   * @example
   * ```ts
   * const link = await (await trackit.rooms.get(id)).invite({ uses: 10 });
   * console.log(`https://app.example/join#${link}`);
   * ```
   */
  invite(options?: InviteInput): Promise<string>;
  /**
   * Invites by which somebody can come in still, everybody's, the oldest first.
   *
   * @throws NETWORK_ codes
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for (const { role, left } of await room.invites()) console.log(role, left);
   * ```
   */
  invites(options?: CallOptions): Promise<RoomInvite[]>;
  /**
   * Takes an invite back: nobody comes in by it any more.
   *
   * @param invite Its id, or the link.
   * @throws ACCESS_NOT_FOUND, ACCESS_DENIED
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for (const invite of await room.invites()) await room.withdrawInvite(invite.id);
   * ```
   */
  withdrawInvite(invite: string, options?: CallOptions): Promise<void>;
  /**
   * Who was in this room, has begun anew (`devices.startOver`) and is not back: for one line, "reset; add back?". To add
   * them: `devices.accept(userId)`, then `add(userId)`. They are told until `acknowledgeReset`.
   *
   * @throws NETWORK_ codes
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for (const { username } of await room.resets()) console.log(`${username} has new keys. Add them back?`);
   * ```
   */
  resets(options?: CallOptions): Promise<RoomReset[]>;
  /**
   * Notes on this device that its user has seen that line.
   *
   * @throws nothing where there is no such line
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for (const { userId } of await room.resets()) await room.acknowledgeReset(userId);
   * ```
   */
  acknowledgeReset(userId: string, options?: CallOptions): Promise<void>;
  /**
   * Goes. An owner's place passes on to the admin, else the member, who is there for longest.
   *
   * @throws ACCESS_NOT_FOUND, ACCESS_DENIED for a self room
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).leave();
   * ```
   */
  leave(options?: CallOptions): Promise<void>;
  /**
   * Ends the room for everybody; its owner's alone.
   *
   * @throws ACCESS_DENIED
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).destroy();
   * ```
   */
  destroy(options?: CallOptions): Promise<void>;
}
