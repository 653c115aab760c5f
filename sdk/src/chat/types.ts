import type { Keystore } from "../store/keys/types.ts";
import type { ExportStream } from "../transfer/types.ts";
import type { CallOptions, Listing, ListOptions } from "../types.ts";
import type { EvidenceOptions } from "./export/types.ts";
import type { Message, Room, RoomHistory, RoomKind } from "./room/types.ts";

export type * from "./device/types.ts";
export type * from "./export/types.ts";
export type * from "./recovery/types.ts";
export type * from "./room/types.ts";

export interface ChatOptions {
  /**
   * Where this device keeps its keys: a keystore, or what opens one by a name of project and user. When left out:
   * IndexedDB behind a worker in browsers, memory elsewhere, which is lost with its process.
   */
  keystore?: Keystore | ((name: string) => Promise<Keystore>) | undefined;
}

/** Something that was shown to be wrong; nothing is replaced because of it. */
export interface ChatAlarm {
  kind: "history" | "identity" | "copy";
  /** Null where it is about nobody in one room. */
  roomId: string | null;
  userId: string | null;
  /** In words. */
  message: string;
}

export interface RoomSummary {
  id: string;
  kind: RoomKind;
  name: string | null;
  /** Messages of others after the last that was marked as read; at most 1,000 are counted. */
  unread: number;
  /** When something was said last; ISO 8601. */
  activeAt: string;
  /** What stands last in the room, as `room.history` has it; null where nothing does, or it cannot be opened. */
  last: Message | null;
}

/** Somebody who cannot bring one into rooms. */
export interface BlockedPerson {
  userId: string;
  /** As their devices have signed it; null where that is not known. */
  username: string | null;
  /** ISO 8601. */
  blockedAt: string;
}

export interface NewRoom {
  name?: string | undefined;
  /** Usernames or ids. */
  members?: readonly string[] | undefined;
  /** `none` when left out. Fixed for good. */
  historyPolicy?: RoomHistory | undefined;
}

/** Every call may throw AUTH_ codes, CRYPTO_DEVICE and the NETWORK_ codes besides its own. */
export interface Rooms {
  /**
   * Makes a group and brings people in.
   *
   * @throws USAGE_INVALID, ACCESS_NOT_FOUND, USAGE_REFERENCE, CRYPTO_IDENTITY
   * @example
   * ```ts
   * const room = await trackit.rooms.create({ name: "Training", members: ["ben"] });
   * await room.send("first run at six");
   * ```
   */
  create(room: NewRoom, options?: CallOptions): Promise<Room>;
  /**
   * The room of two, made when it is not there: whoever makes it, it is one.
   *
   * @param who username or id.
   * @throws ACCESS_NOT_FOUND, USAGE_REFERENCE, CRYPTO_IDENTITY
   * @example
   * ```ts
   * await (await trackit.rooms.direct("ben")).send("are you in?");
   * ```
   */
  direct(who: string, options?: CallOptions): Promise<Room>;
  /**
   * One's own room, for notes to oneself; made when it is not there.
   *
   * @throws CRYPTO_DEVICE
   * @example
   * ```ts
   * await (await trackit.rooms.self()).send("buy shoes");
   * ```
   */
  self(options?: CallOptions): Promise<Room>;
  /**
   * Opens a room: reads it and verifies every row.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * console.log(room.name, room.members.length);
   * ```
   */
  get(id: string, options?: CallOptions): Promise<Room>;
  /**
   * Rooms that one is in, the one in which something was said last first. One's own is among them once it has a note: it
   * is there before, for the keys that one's devices share.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * for await (const { name, unread } of trackit.rooms.list()) console.log(name, unread);
   * ```
   */
  list(options?: ListOptions): Listing<RoomSummary>;
  /**
   * Asks to be let in by an invite, and waits until a device of an admin who holds it has done so: that may be never,
   * so give a `signal`.
   *
   * @param link What `invite` gave, or an address with it behind its `#`.
   * @throws USAGE_INVALID, ACCESS_NOT_FOUND for an invite that is used up, over or withdrawn, CRYPTO_IDENTITY for one
   * that is not the link's, NETWORK_ABORTED
   * @example
   * ```ts
   * const room = await trackit.rooms.join(url, { signal: AbortSignal.timeout(60_000) });
   * ```
   */
  join(link: string, options?: CallOptions): Promise<Room>;
  /**
   * Does not let somebody bring one into rooms any more. They are not told.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * await trackit.rooms.block("eve");
   * ```
   */
  block(who: string, options?: CallOptions): Promise<void>;
  /**
   * Takes a block back.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * await trackit.rooms.unblock("eve");
   * ```
   */
  unblock(who: string, options?: CallOptions): Promise<void>;
  /**
   * Whom one has blocked, the last one first.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * for await (const { userId } of trackit.rooms.blocked()) await trackit.rooms.unblock(userId);
   * ```
   */
  blocked(options?: ListOptions): Listing<BlockedPerson>;
  /**
   * Tells the project's administrators of somebody. What was said stays sealed: the reason is all that they read.
   *
   * @throws USAGE_INVALID, ACCESS_NOT_FOUND
   * @example
   * ```ts
   * await trackit.rooms.report("eve", { reason: "spam" });
   * ```
   */
  report(who: string, report: CallOptions & { reason: string; roomId?: string }): Promise<void>;
  /**
   * What proves to somebody else what the server, or a member, has shown of a room: every row as the server gives it
   * now, the signed lists of devices that they rest on, what this device had verified before, and which rows do not
   * fit. Signed bytes and hashes alone, no key and no word of what was said; docs/chat.md says how to check it.
   *
   * @param id The room's; it may be one that does not open.
   * @throws ACCESS_NOT_FOUND, NETWORK_ codes while it is read
   * @example
   * ```ts
   * const evidence = await trackit.rooms.exportEvidence(id).text();
   * ```
   */
  exportEvidence(id: string, options?: EvidenceOptions): ExportStream;
  /**
   * Calls back when rooms come, go or change, from now on.
   *
   * @throws USAGE_INVALID for another event
   * @example
   * ```ts
   * const stop = trackit.rooms.on("change", () => console.log("read the list anew"));
   * ```
   */
  on(event: "change", listener: () => void): () => void;
}
