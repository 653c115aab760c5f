import { userId } from "../auth/session.ts";
import type { Connection } from "../connect.ts";
import { isTrackItError } from "../errors.ts";
import type { Live } from "../live/index.ts";
import type { CallOptions } from "../types.ts";
import { type Core, openCore, startOver } from "./core.ts";
import { listDevices, revokeDevice, safetyNumber, thisDevice } from "./devices.ts";
import { Emitter } from "./emitter.ts";
import { acceptPerson } from "./people.ts";
import { takeHistory } from "./room/grants.ts";
import { answerJoins } from "./room/invite.ts";
import { block, createGroup, joinRoom, openDirect, openRoom, openSelf, readRooms, report } from "./rooms.ts";
import type { ChatAlarm, ChatOptions, NewRoom } from "./types.ts";

/** Everything of chat that is not in the entry: one core for whoever is signed in. */
export class Chat {
  readonly #connection: Connection;
  readonly #live: Live;
  readonly #options: ChatOptions;
  readonly alarms = new Emitter<{ alarm: ChatAlarm }>();
  readonly changes = new Emitter<{ change: undefined }>();
  #heard: (() => void) | null = null;
  #core: { userId: string; core: Promise<Core> } | null = null;

  constructor(connection: Connection, live: Live, options: ChatOptions) {
    this.#connection = connection;
    this.#live = live;
    this.#options = options;
  }

  /** Of the signed-in user; whoever was before has lost theirs. */
  async core(action: string): Promise<Core> {
    const who = await userId(this.#connection, action);
    const known = this.#core;
    if (known && known.userId === who) return known.core;
    if (known) void known.core.then((core) => core.close()).catch(() => {});
    const core = openCore(
      this.#connection,
      this.#live,
      this.#options,
      { alarms: this.alarms, followed: () => this.listen() },
      action,
    );
    const mine = { userId: who ?? "", core };
    this.#core = mine;
    core.catch(() => {
      if (this.#core === mine) this.#core = null;
    });
    return core;
  }

  readonly rooms = {
    create: async (room: NewRoom) => createGroup(await this.core("rooms.create"), room),
    direct: async (who: string) => openDirect(await this.core("rooms.direct"), who),
    join: async (link: string, { signal }: CallOptions = {}) =>
      joinRoom(await this.core("rooms.join"), link, signal, (look) => this.onChange(look)),
    self: async () => openSelf(await this.core("rooms.self")),
    get: async (id: string) => openRoom(await this.core("rooms.get"), id, "rooms.get"),
    page: async (after: string | null, limit: number, signal?: AbortSignal) =>
      readRooms(await this.core("rooms.list"), after, limit, signal),
    block: async (who: string) => block(await this.core("rooms.block"), who, true),
    unblock: async (who: string) => block(await this.core("rooms.unblock"), who, false),
    report: async (who: string, about: { reason: string; roomId?: string }) =>
      report(await this.core("rooms.report"), who, about),
  };

  readonly devices = {
    me: async () => thisDevice(await this.core("devices.me")),
    list: async () => listDevices(await this.core("devices.list")),
    revoke: async (id: string) => revokeDevice(await this.core("devices.revoke"), id),
    safetyNumber: async (who: string) => safetyNumber(await this.core("devices.safetyNumber"), who),
    accept: async (who: string) => acceptPerson(await this.core("devices.accept"), who, "devices.accept"),
    startOver: async () => {
      const before = this.#core;
      this.#core = null;
      await before?.core.then((core) => core.close()).catch(() => {});
      await startOver(this.#connection, this.#options, "devices.startOver");
      return thisDevice(await this.core("devices.startOver"));
    },
  };

  /** Hears the user's own topic, until the session ends. */
  listen(): void {
    this.#heard ??= this.#live.listen((table) => void this.hear(table).catch(() => {}), {
      onError: () => {
        this.#heard = null;
      },
    });
  }

  onChange(listener: () => void): () => void {
    this.listen();
    return this.changes.on("change", listener);
  }

  /** Something was told on the user's own topic. */
  async hear(table: string | null): Promise<void> {
    if (table === "rooms" || table === null) this.changes.emit("change", undefined);
    if (!this.#core) return;
    const { rooms } = await this.#core.core;
    for (const engine of await Promise.allSettled(rooms.values())) {
      if (engine.status === "rejected") continue;
      if (table === "room_grants" || table === null) await takeHistory(engine.value);
      if (table === "rooms" || table === null) await answerJoins(engine.value);
    }
  }

  async close(): Promise<void> {
    const known = this.#core;
    this.#core = null;
    this.#heard?.();
    this.#heard = null;
    this.alarms.clear();
    this.changes.clear();
    await known?.core.then(
      (core) => core.close(),
      (error: unknown) => {
        if (!isTrackItError(error)) throw error;
      },
    );
  }
}
