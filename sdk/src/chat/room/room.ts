import { equal, fromHex, toHex } from "../../crypto/bytes/index.ts";
import type { Content, Payload } from "../../crypto/message/index.ts";
import { memberOf, standing } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import { listing } from "../../paging/listing.ts";
import { exportStream } from "../../transfer/stream.ts";
import type { ExportStream } from "../../transfer/types.ts";
import type { CallOptions, Json, Listing } from "../../types.ts";
import { toUuid } from "../ids.ts";
import { personOf } from "../people.ts";
import type {
  InviteInput,
  Message,
  NewContent,
  Room,
  RoomEvents,
  RoomExportOptions,
  RoomInvite,
  RoomMember,
  RoomReset,
  RoomRole,
  SendOptions,
} from "../types.ts";
import { showUntil } from "./back.ts";
import { memberCalled } from "./called.ts";
import { changeRoom } from "./change.ts";
import type { RoomEngine } from "./engine.ts";
import type { RoomHere } from "./here.ts";
import { renameRoom, welcome } from "./name.ts";
import type { Entry } from "./thread.ts";

const ROLES: readonly RoomRole[] = ["member", "admin", "owner"];
const NO_HASH = new Uint8Array(32);
const NO_INVITE = new Uint8Array(16);
const EVENTS: readonly (keyof RoomEvents)[] = ["message", "change", "room", "receipt", "presence", "alarm"];
const DAY = 24 * 3_600_000;

/** A room as an app has it, on an engine that several of them may share. */
export class OpenRoom implements Room {
  readonly id: string;
  readonly #engine: RoomEngine;
  /** Gives back what its listeners follow. */
  #following: (() => void) | null = null;
  #here: { one: RoomHere; release: () => void } | null = null;
  #listeners = 0;

  constructor(engine: RoomEngine) {
    this.#engine = engine;
    this.id = engine.id;
  }

  get #log() {
    return this.#engine.group.room.log;
  }

  get kind() {
    return this.#log.kind ?? "group";
  }

  get name(): string | null {
    return this.#engine.name;
  }

  get members(): RoomMember[] {
    const { core, names } = this.#engine;
    const here = [...this.#log.members].filter(([, { erased }]) => !erased);
    return here.map(([key, { user, role }]) => ({
      userId: toUuid(user),
      username: names.get(key) ?? null,
      role: ROLES[role - 1] ?? "member",
      own: equal(user, core.me.user),
    }));
  }

  get role(): RoomRole | null {
    if (this.#engine.isOut) return null;
    const { user, root } = this.#engine.core.me;
    const own = standing(this.#log, user, root);
    return own ? (ROLES[own.role - 1] ?? null) : null;
  }

  get historyPolicy() {
    return this.#log.history;
  }

  get deleted(): boolean {
    return this.#log.deleted;
  }

  get alarm() {
    return this.#engine.stopped;
  }

  goOn(): Promise<void> {
    return this.#engine.goOn();
  }

  async send(content: NewContent, { replyTo, signal }: SendOptions = {}): Promise<Message> {
    if (replyTo !== undefined && !this.#find(replyTo)) await this.#reach(replyTo, "room.send", signal);
    const reply = replyTo === undefined ? NO_HASH : this.#target(replyTo, "room.send").hash;
    return this.#sent(await this.#engine.sender.send(contentFrom(content, reply), signal));
  }

  async edit(message: Message | string, content: NewContent, { signal }: CallOptions = {}): Promise<void> {
    await this.#reach(message, "room.edit", signal);
    const { entry, hash } = this.#target(message, "room.edit", true);
    const counter = this.#engine.thread.editCounter(entry);
    await this.#say({ kind: "edit", target: hash, counter, content: contentFrom(content, NO_HASH) }, signal);
  }

  async delete(message: Message | string, { signal }: CallOptions = {}): Promise<void> {
    await this.#reach(message, "room.delete", signal);
    const { entry, hash } = this.#target(message, "room.delete", true);
    await this.#say({ kind: "delete", target: hash }, signal);
    await this.#engine.core.wire.ask(
      "withdraw_messages",
      { room: this.id, ids: [entry.id] },
      "room.delete",
      signal,
    );
  }

  async react(
    message: Message | string,
    emoji: string,
    { on = true, signal }: CallOptions & { on?: boolean } = {},
  ): Promise<void> {
    await this.#reach(message, "room.react", signal);
    const { hash } = this.#target(message, "room.react");
    await this.#say({ kind: "reaction", target: hash, on, emoji }, signal);
  }

  history(options: CallOptions = {}): Listing<Message> {
    const { thread, sender } = this.#engine;
    const action = "room.history";
    return listing<Message>(
      async (after, limit, signal) => {
        const before = after === null ? Number.POSITIVE_INFINITY : Number(after);
        const earlier = () => thread.entries.filter(({ place }) => place < before);
        await showUntil(this.#engine, () => earlier().length > limit, action, signal);
        const all = earlier();
        const older = all.slice(-limit);
        const rows = older.map((entry) => thread.show(entry));
        if (after === null) rows.push(...sender.list());
        const next = all.length > older.length ? String(older[0]?.place) : null;
        return { rows: rows.reverse(), next };
      },
      options,
      action,
    );
  }

  async search(words: string, { signal }: CallOptions = {}): Promise<Message[]> {
    const action = "room.search";
    if (typeof words !== "string") throw invalid(action, "words", words, "text");
    const wanted = fold(words).split(/\s+/).filter(Boolean);
    const { thread } = this.#engine;
    await showUntil(this.#engine, () => false, action, signal);
    const all = thread.entries.map((entry) => thread.show(entry)).filter(({ text }) => text !== "");
    return all.filter(({ text }) => wanted.every((word) => fold(text).includes(word))).reverse();
  }

  on<Event extends keyof RoomEvents>(
    event: Event,
    listener: (payload: RoomEvents[Event]) => void,
  ): () => void {
    if (!EVENTS.includes(event)) throw invalid("room.on", "event", event, EVENTS.join(", "));
    const { events } = this.#engine;
    const stop =
      event === "room"
        ? events.on("room", () => (listener as (room: Room) => void)(this))
        : events.on(event as Exclude<Event, "room">, listener as never);
    this.#listeners += 1;
    this.#following ??= this.#engine.following.take().release;
    if (event === "presence") this.#present();
    let isOver = false;
    return () => {
      stop();
      if (!isOver) this.#listeners -= 1;
      isOver = true;
      if (this.#listeners === 0) this.#leave();
    };
  }

  typing(on = true): void {
    this.#present().type(on);
  }

  async invite({ role = "member", uses = 1, expiresIn = DAY }: InviteInput = {}): Promise<string> {
    const action = "room.invite";
    if (!(Number.isInteger(uses) && uses >= 1 && uses <= 65_535))
      throw invalid(action, "uses", uses, "1 to 65,535");
    if (!(expiresIn > 0 && expiresIn <= 365 * DAY))
      throw invalid(action, "expiresIn", expiresIn, "milliseconds, a year at most");
    return (await import("../inviting/index.ts")).makeInvite(this.#engine, {
      role,
      uses,
      expires: Math.floor(Date.now() + expiresIn),
    });
  }

  async markRead(upTo?: Message, { signal }: CallOptions = {}): Promise<void> {
    const engine = this.#engine;
    const seq = upTo?.seq ?? engine.place.seq;
    await engine.core.wire.ask("mark_read", { room: this.id, seq }, "room.markRead", signal);
    const last = engine.thread.entries.findLast(({ place, hash }) => place <= seq && hash !== null);
    const told = engine.thread.receipts.get(toHex(engine.core.me.user))?.read ?? 0;
    if (this.kind !== "direct" || !last?.hash || last.own || last.place <= told) return;
    await this.#say({ kind: "receipt", state: "read", row: last.place, target: fromHex(last.hash) }, signal);
  }

  async release(message: Message | string, { signal }: CallOptions = {}): Promise<Message> {
    return this.#sent(await this.#engine.sender.release(idFrom(message), signal));
  }

  discard(message: Message | string): Promise<void> {
    return this.#engine.sender.discard(idFrom(message));
  }

  rename(name: string, { signal }: CallOptions = {}): Promise<void> {
    return renameRoom(this.#engine, name, signal);
  }

  async add(
    who: string,
    { role = "member", signal }: CallOptions & { role?: "member" | "admin" } = {},
  ): Promise<void> {
    const action = "room.add";
    const { core } = this.#engine;
    const { log } = await personOf(core, who, action);
    await changeRoom(
      this.#engine,
      action,
      async () => {
        const { user, root: userRoot, head: userHead } = core.directory.logs(log.user, log.root) ?? log;
        const known = memberOf(this.#log, user);
        if (known && equal(known.root, userRoot)) return null;
        const rank = role === "admin" ? 2 : 1;
        return { op: "add", user, userRoot, userHead, role: rank, invite: NO_INVITE };
      },
      signal,
    );
    await welcome(this.#engine, log.user, log.root);
  }

  async remove(who: string, { signal }: CallOptions = {}): Promise<void> {
    const action = "room.remove";
    const user = () => memberCalled(this.#engine, who, action);
    await changeRoom(this.#engine, action, async () => ({ op: "remove", user: user() }), signal);
  }

  async setRole(who: string, role: RoomRole, { signal }: CallOptions = {}): Promise<void> {
    const rank = ROLES.indexOf(role) + 1;
    if (rank < 1) throw invalid("room.setRole", "role", role, ROLES.join(", "));
    const action = "room.setRole";
    const user = () => memberCalled(this.#engine, who, action);
    const make = async () => ({ op: "role", user: user(), role: rank as 1 | 2 | 3 }) as const;
    await changeRoom(this.#engine, action, make, signal);
  }

  async invites({ signal }: CallOptions = {}): Promise<RoomInvite[]> {
    return (await import("../inviting/index.ts")).openInvites(this.#engine, signal);
  }

  async withdrawInvite(invite: string, { signal }: CallOptions = {}): Promise<void> {
    await (await import("../inviting/index.ts")).withdrawInvite(this.#engine, invite, signal);
  }

  async resets({ signal }: CallOptions = {}): Promise<RoomReset[]> {
    return (await import("../others.ts")).openResets(this.#engine, signal);
  }

  async acknowledgeReset(userId: string): Promise<void> {
    await (await import("../others.ts")).acknowledgeReset(this.#engine, userId);
  }

  export(options: RoomExportOptions = {}): ExportStream {
    const [engine, room] = [this.#engine, this];
    return exportStream(async function* () {
      const { exportRoom } = await import("../export/room.ts");
      yield* exportRoom(engine, room, options);
    });
  }

  leave({ signal }: CallOptions = {}): Promise<void> {
    return changeRoom(this.#engine, "room.leave", async () => ({ op: "leave" }), signal);
  }

  destroy({ signal }: CallOptions = {}): Promise<void> {
    return changeRoom(this.#engine, "room.destroy", async () => ({ op: "delete" }), signal);
  }

  #present(): RoomHere {
    this.#here ??= this.#engine.here.take();
    return this.#here.one;
  }

  #leave(): void {
    this.#following?.();
    this.#following = null;
    this.#here?.release();
    this.#here = null;
  }

  async #say(payload: Payload, signal: AbortSignal | undefined): Promise<void> {
    await this.#engine.sender.send(payload, signal);
  }

  #sent(id: string): Message {
    const entry = this.#engine.thread.find(id);
    if (!entry) throw new TrackItError("ACCESS_NOT_FOUND", `room.send: message ${id} is not in the room`);
    return this.#engine.thread.show(entry);
  }

  #find(message: Message | string): Entry | undefined {
    return this.#engine.thread.find(idFrom(message));
  }

  /** Shows earlier rows until the message is among them. */
  async #reach(message: Message | string, action: string, signal: AbortSignal | undefined): Promise<void> {
    const place = typeof message === "string" ? 0 : (message.seq ?? 0);
    const { thread } = this.#engine;
    const isThere = (): boolean => this.#find(message) !== undefined || thread.from.seq < place;
    await showUntil(this.#engine, isThere, action, signal);
  }

  #target(
    message: Message | string,
    action: string,
    own = false,
  ): { entry: Entry; hash: Uint8Array<ArrayBuffer> } {
    const entry = this.#find(message);
    if (!entry?.hash)
      throw new TrackItError("ACCESS_NOT_FOUND", `${action}: there is no such message in this room`);
    if (own && !entry.own)
      throw new TrackItError("ACCESS_DENIED", `${action}: it is somebody else's message`);
    return { entry, hash: fromHex(entry.hash) };
  }
}

const idFrom = (message: Message | string): string => (typeof message === "string" ? message : message.id);
const fold = (text: string): string => text.normalize("NFKC").toLowerCase();

function contentFrom(content: NewContent, reply: Uint8Array): Content {
  const answered = fromHex(toHex(reply));
  if (typeof content === "string") return { kind: "text", reply: answered, text: content };
  const { type, data } = content;
  return { kind: "structured", reply: answered, type, json: data as Json };
}
