import type { ExportStream } from "../../../transfer/types.ts";
import type { CallOptions, Listing } from "../../../types.ts";
import type { RoomExportOptions } from "../../export/types.ts";
import type { Message } from "./message.ts";

/** What was said in a room. */
export interface RoomReading {
  /**
   * Messages that this device has verified, newest first.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for await (const { from, text } of room.history()) console.log(from.username, text);
   * ```
   */
  history(options?: CallOptions): Listing<Message>;
  /**
   * Messages in which all these words are found, newest first. Looked for on this device.
   *
   * @throws USAGE_INVALID
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * console.log((await room.search("run six")).length);
   * ```
   */
  search(words: string, options?: CallOptions): Promise<Message[]>;
  /**
   * Notes how far one has read, for one's own unread counts; in direct rooms the other is told.
   *
   * @param upTo When left out, everything.
   * @throws ACCESS_NOT_FOUND, NETWORK_ codes
   * @example
   * ```ts
   * await (await trackit.rooms.get(id)).markRead();
   * ```
   */
  markRead(upTo?: Message, options?: CallOptions): Promise<void>;
  /**
   * What this device has verified and opened of the room, oldest first, with what is unreadable as that. It is read from
   * this device and goes nowhere but to the caller, in pieces of text.
   *
   * @throws USAGE_INVALID for another format, NETWORK_ABORTED
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * for await (const piece of room.export({ format: "text" })) console.log(piece);
   * ```
   */
  export(options?: RoomExportOptions): ExportStream;
}
