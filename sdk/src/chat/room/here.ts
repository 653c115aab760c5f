import { toHex } from "../../crypto/bytes/index.ts";
import { uuid7 } from "../../ids/uuid7.ts";
import { type Here, Others } from "../../live/presence.ts";
import { wireOn } from "../../live/wire.ts";
import { real } from "../../retry/around.ts";
import { fromUuid } from "../ids.ts";
import type { RoomPresence } from "../types.ts";
import type { WireHead } from "../wire.ts";
import type { RoomEngine } from "./engine.ts";
import { noSuchRoom } from "./missing.ts";

/** A client that vanished while it typed does not type for ever. */
const TYPING_MS = 6_000;

/**
 * Who has a room open, and who is typing: hints that members' devices give each other, stored nowhere. They are not
 * signed: a member could give one in another's name.
 */
export class RoomHere {
  readonly #engine: RoomEngine;
  readonly #others: Others;
  readonly #id = uuid7();
  readonly #self: Here;
  #typing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: RoomEngine) {
    this.#engine = engine;
    this.#self = {
      payload: { userId: engine.core.me.userId, typing: false },
      shown: () => {},
      changed: () => engine.events.emit("presence", this.list()),
    };
    const { connection, wire } = engine.core;
    this.#others = new Others({
      around: real,
      topic: async () => {
        const [head] = await wire.ask<WireHead[]>("heads", { rooms: [engine.id] }, "room.presence");
        if (!head?.topic_rev) throw noSuchRoom("room.presence", engine.id);
        return `live:${engine.id}:${head.topic_rev}`;
      },
      open: wireOn(connection).open,
      failed: () => {},
    });
    this.#others.enter(this.#id, this.#self);
  }

  /** Members' words about themselves; nobody else's count. */
  list(): RoomPresence {
    const { members } = this.#engine.group.room.log;
    const said = this.#others.list().flatMap(({ payload: { userId, typing } }) => {
      const isMember =
        typeof userId === "string" && /^[0-9a-f-]{36}$/.test(userId) && members.has(toHex(fromUuid(userId)));
      return isMember ? [{ userId, typing: typing === true }] : [];
    });
    const ids = (all: typeof said) => [...new Set(all.map(({ userId }) => userId))];
    return { present: ids(said), typing: ids(said.filter(({ typing }) => typing)) };
  }

  type(on: boolean): void {
    clearTimeout(this.#timer);
    if (on) this.#timer = setTimeout(() => this.type(false), TYPING_MS);
    if (on === this.#typing) return;
    this.#typing = on;
    this.#self.payload = { ...this.#self.payload, typing: on };
    this.#others.update();
  }

  move(): void {
    this.#others.move();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#others.stop();
  }
}
