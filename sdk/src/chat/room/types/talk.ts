import type { CallOptions } from "../../../types.ts";
import type { Message, NewContent } from "./message.ts";

export interface SendOptions extends CallOptions {
  /** The message that is answered: it, or its id. */
  replyTo?: Message | string | undefined;
}

/** Saying something in a room. */
export interface RoomTalk {
  /**
   * Seals, signs and sends. The message is shown as `pending` at once, kept until the server has it, also over a
   * restart, and sent again until then.
   *
   * @returns The message as `sent`.
   * @throws CONFLICT_AUDIENCE when somebody came into the room that was not there when this was written: it is held,
   * until `release` or `discard`; CRYPTO_HISTORY while the room's history is in doubt; ACCESS_NOT_FOUND when one is in
   * the room no more; NETWORK_ABORTED
   * @example
   * ```ts
   * const room = await trackit.rooms.create({ name: "Training" });
   * await room.send("first run at six");
   * await room.send({ type: "poll", data: { question: "Six or seven?" } });
   * ```
   */
  send(content: NewContent, options?: SendOptions): Promise<Message>;
  /**
   * Replaces what an own message says.
   *
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, and as `send`
   * @example
   * ```ts
   * const sent = await (await trackit.rooms.get(id)).send("at six");
   * await (await trackit.rooms.get(id)).edit(sent, "at seven");
   * ```
   */
  edit(message: Message | string, content: NewContent, options?: CallOptions): Promise<void>;
  /**
   * Deletes an own message for everybody: first signed, then taken from the server.
   *
   * @throws ACCESS_DENIED, ACCESS_NOT_FOUND, and as `send`
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * await room.delete(await room.send("oops"));
   * ```
   */
  delete(message: Message | string, options?: CallOptions): Promise<void>;
  /**
   * Adds a reaction, or with `on: false` takes it back.
   *
   * @throws ACCESS_NOT_FOUND, and as `send`
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * room.on("message", (message) => void room.react(message, "👍"));
   * ```
   */
  react(message: Message | string, emoji: string, options?: CallOptions & { on?: boolean }): Promise<void>;
  /**
   * Sends a message that is held or failed.
   *
   * @throws ACCESS_NOT_FOUND, and as `send`
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * room.on("change", (message) => message.status === "held" && void room.release(message));
   * ```
   */
  release(message: Message | string, options?: CallOptions): Promise<Message>;
  /**
   * Gives a message up that was not sent.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * const room = await trackit.rooms.get(id);
   * room.on("change", (message) => message.status === "failed" && void room.discard(message));
   * ```
   */
  discard(message: Message | string): Promise<void>;
  /**
   * Tells members who have the room open that somebody types here, for some seconds.
   *
   * @throws nothing: it is a hint, and may be lost
   * @example
   * ```ts
   * (await trackit.rooms.get(id)).typing();
   * ```
   */
  typing(on?: boolean): void;
}
