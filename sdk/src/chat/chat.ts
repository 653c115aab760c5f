import { onChange } from "../auth/on-change.ts";
import { userId } from "../auth/session.ts";
import type { Connection, Leaving } from "../connect.ts";
import { isTrackItError, TrackItError } from "../errors.ts";
import { clocks } from "../live/clocks.ts";
import type { Live } from "../live/index.ts";
import { real } from "../retry/around.ts";
import type { CallOptions } from "../types.ts";
import type { Hear } from "./approval/wait.ts";
import { type Core, openCore, openStation, type Station } from "./core.ts";
import { beginAnew } from "./device/enrol.ts";
import { acknowledge, notices } from "./device/notices.ts";
import { deviceOf, listDevices, revokeDevice, thisDevice } from "./devices.ts";
import { Emitter } from "./emitter.ts";
import { answerWaiting } from "./joins.ts";
import { readRooms } from "./list.ts";
import { takeHistory } from "./room/grants.ts";
import { createGroup, openDirect, openRoom, openSelf } from "./rooms.ts";
import type { ChatOptions, DevicesEvents, EvidenceOptions, NewRoom } from "./types.ts";
import { renameDevice } from "./vault/names.ts";

const approval = () => import("./approval/index.ts");
/** What one does about other people. */
const others = () => import("./others.ts");
const recovery = () => import("./recovery/index.ts");
const share = async (core: Core) => (await import("./vault/invites.ts")).shareInvites(core);

/** Everything of chat that is not in the entry: one core for whoever is signed in. */
export class Chat {
  readonly #connection: Connection;
  readonly #live: Live;
  readonly #options: ChatOptions;
  readonly alarms = new Emitter<DevicesEvents>();
  /** Which tables the user's own topic speaks of; null when something was lost. */
  readonly #told = new Emitter<{ table: string | null }>();
  readonly changes = new Emitter<{ change: undefined }>();
  #heard: (() => void) | null = null;
  #unwatch: (() => void) | null = null;
  readonly #over = new AbortController();
  #station: { key: string; made: Promise<Station> } | null = null;
  #core: Promise<Core> | null = null;

  constructor(connection: Connection, live: Live, options: ChatOptions) {
    this.#connection = connection;
    this.#live = live;
    this.#options = options;
  }

  /** What the signed-in user has here, approved or not; whoever was before has lost theirs. */
  async station(action: string): Promise<Station> {
    const { vault } = this.#connection;
    const who = await userId(this.#connection, action);
    if (who === null)
      throw new TrackItError("AUTH_REQUIRED", `${action}: nobody is signed in`, {
        hint: "Sign in first: auth.signIn({ email, password })",
      });
    const temporary = vault !== null && (await vault.choice()) !== "device";
    const key = `${who} ${temporary}`;
    if (this.#station?.key === key) return this.#station.made;
    void this.#end().catch(() => {});
    this.#watchSession();
    const mine = { key, made: openStation(this.#connection, this.#options, { userId: who, temporary }) };
    this.#station = mine;
    mine.made.catch(() => {
      if (this.#station === mine) this.#station = null;
    });
    return mine.made;
  }

  /** @throws CRYPTO_DEVICE */
  async core(action: string): Promise<Core> {
    const station = await this.station(action);
    if (this.#core) return this.#core;
    const given = { alarms: this.alarms, followed: () => this.listen(), share };
    const core = openCore(station, this.#live, given, action);
    this.#core = core;
    core.then(
      (open) => void answerWaiting(open).catch(() => {}),
      () => {
        if (this.#core === core) this.#core = null;
      },
    );
    return core;
  }

  /** This device is another one from now on. */
  async #anew(action: string): Promise<Core> {
    const before = this.#core;
    this.#core = null;
    await before?.then((open) => open.close()).catch(forgiven);
    return this.core(action);
  }

  /** Closes what the user had here. */
  async #end(): Promise<void> {
    const [core, station] = [this.#core, this.#station];
    this.#core = this.#station = null;
    await core?.then((open) => open.close()).catch(forgiven);
    await station?.made.then((open) => open.close()).catch(forgiven);
  }

  readonly rooms = {
    create: async (room: NewRoom) => createGroup(await this.core("rooms.create"), room),
    direct: async (who: string) => openDirect(await this.core("rooms.direct"), who),
    join: async (link: string, { signal }: CallOptions = {}) => {
      const [core, { joinRoom }] = [await this.core("rooms.join"), await import("./inviting/index.ts")];
      const open = (id: string) => openRoom(core, id, "rooms.join");
      return joinRoom(core, link, { signal, open, again: (look) => this.onChange(look) });
    },
    self: async () => openSelf(await this.core("rooms.self")),
    get: async (id: string) => openRoom(await this.core("rooms.get"), id, "rooms.get"),
    list: async (after: string | null, limit: number, signal?: AbortSignal) =>
      readRooms(await this.core("rooms.list"), after, limit, signal),
    block: async (who: string, options?: CallOptions) =>
      (await others()).block(await this.core("rooms.block"), who, true, options),
    unblock: async (who: string, options?: CallOptions) =>
      (await others()).block(await this.core("rooms.unblock"), who, false, options),
    blocked: async (after: string | null, limit: number, signal?: AbortSignal) =>
      (await others()).readBlocked(await this.core("rooms.blocked"), after, limit, signal),
    report: async (who: string, about: CallOptions & { reason: string; roomId?: string }) =>
      (await others()).report(await this.core("rooms.report"), who, about),
  };

  readonly devices = {
    me: async () => thisDevice(await this.core("devices.me")),
    list: async () => listDevices(await this.core("devices.list")),
    revoke: async (id: string, options?: { withAdded?: boolean }) =>
      revokeDevice(await this.core("devices.revoke"), id, options),
    rename: async (id: string, name: string) => renameDevice(await this.core("devices.rename"), id, name),
    safetyNumber: async (who: string) =>
      (await others()).safetyNumber(await this.core("devices.safetyNumber"), who),
    identity: async (who: string) =>
      (await others()).identityOf(await this.core("devices.identity"), who, "devices.identity"),
    verify: async (who: string) =>
      (await others()).verifyPerson(await this.core("devices.verify"), who, "devices.verify"),
    accept: async (who: string) =>
      (await others()).acceptPerson(await this.core("devices.accept"), who, "devices.accept"),
    requestApproval: async ({ signal }: CallOptions = {}) => {
      const action = "devices.requestApproval";
      const asked = await (await approval()).requestApproval(await this.station(action), this.#hear, signal);
      const approved = asked.approved.then(async () => thisDevice(await this.#anew(action)));
      approved.catch(() => {}); // Whoever awaits it is told.
      return { ...asked, approved };
    },
    requests: async () => (await approval()).openRequests(await this.core("devices.requests")),
    approve: async (code: string, { signal }: CallOptions = {}) => {
      const action = "devices.approve";
      const core = await this.core(action);
      const { approveDevice } = await approval();
      return deviceOf(core, await approveDevice(core, code, this.#hear, signal), action);
    },
    notices: async () => notices(await this.core("devices.notices"), "devices.notices"),
    acknowledge: async (id: string) =>
      acknowledge(await this.core("devices.acknowledge"), id, "devices.acknowledge"),
    startOver: async () => {
      const action = "devices.startOver";
      await this.#end();
      await beginAnew(await this.station(action), action);
      return thisDevice(await this.core(action));
    },
  };

  readonly recovery = {
    status: async () => (await recovery()).recoveryStatus(await this.core("recovery.status")),
    create: async () => (await recovery()).createCode(await this.core("recovery.create")),
    confirm: async (group: string) =>
      (await recovery()).confirmCode(await this.core("recovery.confirm"), group),
    backUp: async () => (await recovery()).backUp(await this.core("recovery.backUp"), "recovery.backUp"),
    use: async (code: string, { revokeOthers = false }: { revokeOthers?: boolean } = {}) => {
      const { takeSecrets, useCode } = await recovery();
      const { secrets } = await useCode(await this.station("recovery.use"), code, revokeOthers);
      const core = await this.#anew("recovery.use");
      const counts = await takeSecrets(core, secrets ?? []);
      return { device: await thisDevice(core, "recovery.use"), ...counts, backup: secrets !== null };
    },
  };

  /** Loads when it is asked for: most never do. */
  async *evidence(id: string, options: EvidenceOptions): AsyncGenerator<string, void, undefined> {
    const { exportEvidence } = await import("./export/evidence.ts");
    yield* exportEvidence(await this.core("rooms.exportEvidence"), id, options);
  }

  /** Hears the user's own topic, until the session ends. */
  listen(): void {
    if (this.#heard) return;
    this.#heard = this.#live.listen((table) => void this.hear(table).catch(() => {}), {
      onError: () => {
        this.#heard = null;
      },
    });
    void this.#lookLater();
  }

  /** What somebody asked for just before it was listened to is told by nobody. */
  async #lookLater(): Promise<void> {
    await real.wait(clocks.headCheck, this.#over.signal);
    const core = this.#over.signal.aborted ? null : await this.#core?.catch(() => null);
    if (core) await answerWaiting(core).catch(() => {});
  }

  readonly #hear: Hear = (listener) => {
    this.listen();
    return this.#told.on("table", listener);
  };

  /** Calls back for what is told of the account's devices; what is open already is told at once. */
  onDevices<Event extends keyof DevicesEvents>(
    event: Event,
    listener: (payload: DevicesEvents[Event]) => void,
  ): () => void {
    const stop = this.alarms.on(event, listener);
    if (event === "alarm") return stop;
    this.listen();
    void this.#tell(event === "added" ? "devices" : "device_approvals").catch(() => {});
    return stop;
  }

  /** Tells of devices that came or want to. */
  async #tell(table: string | null): Promise<void> {
    const core = await this.#core;
    const open = core ?? (await this.core("devices.on"));
    if (table === "devices" || table === null)
      for (const notice of await notices(open, "devices.on")) this.alarms.emit("added", notice);
    if (table === "device_approvals" || table === null)
      for (const request of await (await approval()).openRequests(open)) this.alarms.emit("request", request);
  }

  onChange(listener: () => void): () => void {
    this.listen();
    return this.changes.on("change", listener);
  }

  /** Something was told on the user's own topic. */
  async hear(table: string | null): Promise<void> {
    this.#told.emit("table", table);
    if (table === "rooms" || table === null) this.changes.emit("change", undefined);
    if (this.#core) void this.#tell(table).catch(() => {});
    const core = await this.#core;
    if (!core) return;
    if (table === "rooms" || table === null) void answerWaiting(core).catch(() => {});
    if (table !== "room_grants" && table !== null) return;
    for (const engine of await Promise.allSettled(core.rooms.values()))
      if (engine.status === "fulfilled") await takeHistory(engine.value);
  }

  /** Whoever is signed in no more has nothing open here: what is kept waits for them. */
  #watchSession(): void {
    this.#unwatch ??= onChange(this.#connection, (_, session) => {
      if (this.#station && !this.#station.key.startsWith(`${session?.user.id} `)) void this.#end();
    });
  }

  /**
   * The session ends: a temporary device ends with it, and one that is to be wiped.
   *
   * @returns Deletes what is kept on this device, keys included, where that is wanted.
   */
  async leave({ wipe }: Leaving): Promise<(() => Promise<void>) | null> {
    const station = wipe ? this.station("auth.signOut") : this.#station?.made;
    const open = await station?.catch(() => null);
    if (!open || !(wipe || open.temporary)) return null;
    const core = await this.#core?.catch(() => null);
    this.#core = null;
    await core?.close(); // Nothing is signed or kept any more.
    await (await import("./device/leave.ts")).leave(open, wipe);
    return async () => {
      if (wipe) await open.keystore.wipe();
      await this.#end();
    };
  }

  async close(): Promise<void> {
    this.#over.abort();
    this.#unwatch?.();
    this.#heard?.();
    this.#heard = null;
    this.alarms.clear();
    this.changes.clear();
    await this.#end();
  }
}

/** Who could not come in has nothing to close. */
function forgiven(error: unknown): void {
  if (!isTrackItError(error)) throw error;
}
