import { type Bytes, equal, fromBase64url, toHex } from "../../crypto/bytes/index.ts";
import {
  createRsaAes,
  type Group,
  keysOf,
  type RsaAes,
  startGroup,
  startRoom,
} from "../../crypto/group/index.ts";
import { nameKey, openRoomName } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import type { Pin } from "../../store/keys/types.ts";
import type { Core } from "../core.ts";
import { Emitter } from "../emitter.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { ChatAlarm, Message, RoomEvents } from "../types.ts";
import type { WireHead, WireRow } from "../wire.ts";
import { type Folded, foldRows, isOwnDevice } from "./fold.ts";
import { follow } from "./follow.ts";
import { RoomHere } from "./here.ts";
import { noSuchRoom } from "./missing.ts";
import { readOwn } from "./own.ts";
import { noteReset } from "./resets.ts";
import { columnsIn } from "./rows.ts";
import { Sender } from "./sender.ts";
import { Shared } from "./shared.ts";
import { type Entry, Thread } from "./thread.ts";

/** What happens in a room, for the parts of it; `room` without the room itself, which is made above. */
export type EngineEvents = Omit<RoomEvents, "room"> & { room: null };

/** The most rows that the database gives at a time. */
const MOST_ROWS = 500;

const FEWER = "the server shows fewer rows of this room than it did before";
const OTHER = "the server shows another history of this room than it did before";

/** One room on this device: its rows in their order, verified, and what is said about them. One thing at a time. */
export class RoomEngine {
  readonly core: Core;
  readonly id: string;
  readonly room: Bytes;
  readonly cipher: RsaAes;
  readonly thread: Thread;
  readonly events = new Emitter<EngineEvents>();
  readonly sender: Sender;
  /** The room's topic, and who is there: a topic is joined once, however many listen. */
  readonly following = new Shared(() => ({ stop: follow(this) }));
  readonly here = new Shared(() => new RoomHere(this));
  /** Sending has stopped. */
  stopped: ChatAlarm | null = null;
  name: string | null = null;
  readonly names = new Map<string, string | null>();
  /** Revision of the room's topic. */
  rev = 0;
  /** When the last commit was first seen here. */
  arrived: number | null = null;
  group: Group;
  /** What sessions before this one have verified. */
  #pinned: Pin | null = null;
  /** Up to which row members' other views of this room are known, and gone past. */
  #resumed = 0;
  #loading = true;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(core: Core, id: string, group: Group) {
    this.core = core;
    this.id = id;
    this.room = fromUuid(id);
    this.group = group;
    const { user, root, signer, unwrap, newSecret } = core.me;
    this.cipher = createRsaAes(core.suite, { user, root, signer, unwrap, newSecret: () => newSecret() });
    this.thread = new Thread(id, user, (who) => this.names.get(toHex(who)) ?? null);
    this.sender = new Sender(this);
  }

  /** @throws ACCESS_NOT_FOUND where this account is no member. */
  static async open(core: Core, id: string, action: string): Promise<RoomEngine> {
    const { own } = await readOwn(core.keystore, fromUuid(id));
    const group = startGroup(await startRoom(core.suite, fromUuid(id)), own.head);
    const engine = new RoomEngine(core, id, group);
    engine.#pinned = await core.keystore.pin(engine.#pinName);
    engine.#resumed = Number(
      new TextDecoder().decode((await core.keystore.get(engine.#resumedName)) ?? undefined),
    );
    await engine.sync(action);
    if ((engine.#pinned?.seq ?? 0) > engine.place.seq) engine.alarm("history", null, FEWER);
    engine.#loading = false;
    await engine.sender.load();
    return engine;
  }

  /** Does the work when everything before it is done. */
  inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  /** Reads what is missing. */
  sync(action: string): Promise<void> {
    return this.inTurn(() => this.catchUp(action));
  }

  /** Takes a row that was told. @returns false where something is missing before it, or with it. */
  hear(row: WireRow): Promise<boolean> {
    return this.inTurn(async () => {
      const { seq } = this.place;
      if (row.seq > seq + 1) return false;
      if (row.seq === seq + 1) await this.fold([row]);
      return true;
    });
  }

  get place() {
    return this.group.room.transcript.place;
  }

  /** Within a turn: heads are compared, then logs and rows read up to them. */
  async catchUp(action: string): Promise<void> {
    const { directory, wire } = this.core;
    const [head] = await wire.ask<WireHead[]>("heads", { rooms: [this.id] }, action);
    if (!head?.members) throw noSuchRoom(action, this.id);
    this.rev = head.topic_rev;
    const wants = head.members.map(({ user_id, root, log_rows }) => ({
      user: fromUuid(user_id),
      root: fromBase64url(root),
      seq: log_rows ?? 0,
    }));
    await directory.ensure(wants, action);
    if (head.last_seq < this.place.seq) this.alarm("history", null, FEWER);
    while (this.place.seq < head.last_seq) {
      const before = this.place.seq;
      const args = { room: this.id, after: before, limit: MOST_ROWS };
      const rows = await wire.ask<WireRow[]>("room_rows", args, action);
      await this.fold(rows);
      if (this.place.seq === before)
        throw new TrackItError(
          "NETWORK_SERVER",
          `${action}: the server does not give row ${before + 1} of the room`,
        );
    }
    const isSame = equal(fromBase64url(head.transcript), this.place.hash);
    if (head.last_seq === this.place.seq && !isSame) this.alarm("history", null, OTHER);
  }

  /** Within a turn: the next rows. */
  async fold(rows: readonly WireRow[]): Promise<void> {
    await this.#learnOwn(rows);
    this.group = await foldRows(this.core, this.group, this.cipher, rows, (group, folded) =>
      this.#take(group, folded),
    );
    await this.#pin();
  }

  alarm(kind: ChatAlarm["kind"], userId: string | null, message: string): void {
    const alarm = { kind, roomId: this.id, userId, message };
    if (this.stopped?.message === message) return;
    this.stopped = alarm;
    this.events.emit("alarm", alarm);
    this.core.alarms.emit("alarm", alarm);
  }

  /**
   * Goes on although a member says to have seen another history: up to here nothing of the kind stops sending again.
   *
   * @throws CRYPTO_HISTORY where it is the server that shows another one
   */
  goOn(): Promise<void> {
    return this.inTurn(async () => {
      if (!this.stopped) return;
      if (this.stopped.kind !== "history" || this.stopped.userId === null)
        throw new TrackItError("CRYPTO_HISTORY", `room.goOn: ${this.stopped.message}`);
      this.#resumed = this.place.seq;
      const value = new TextEncoder().encode(String(this.#resumed));
      await this.core.keystore.batch([{ record: this.#resumedName, value }]);
      this.stopped = null;
      this.events.emit("room", null);
    });
  }

  // message path 9: told to the app
  tell(event: "message" | "change", message: Message): void {
    if (!this.#loading) this.events.emit(event, message);
  }

  async close(): Promise<void> {
    this.events.clear();
    this.sender.close();
    this.following.stop();
    this.here.stop();
    await this.#turn;
  }

  /** Opens what could not be read before, once secrets have come. */
  async reopen(): Promise<void> {
    const changed = await this.thread.open((effect) => this.cipher.decrypt(this.group, effect));
    const before = this.name;
    await this.#nameIt();
    for (const entry of changed) this.tell("change", this.thread.show(entry));
    if (this.name !== before) this.events.emit("room", null);
  }

  /** What another tab of this device has sent is this device's: its number stands in the keystore they share. */
  async #learnOwn(rows: readonly WireRow[]): Promise<void> {
    const mine = rows.flatMap((row) => {
      const columns = row.kind === "message" ? columnsIn(this.room, row) : null;
      return columns && isOwnDevice(this.core, columns.device) ? [columns.seq] : [];
    });
    if (Math.max(0, ...mine) <= this.group.own.seq) return;
    const { head } = (await readOwn(this.core.keystore, this.room)).own;
    if (head.seq > this.group.own.seq) this.group = { ...this.group, own: head, seen: head.seq, sent: null };
  }

  async #take(group: Group, folded: Folded): Promise<void> {
    this.group = group;
    const { effect, row } = folded;
    const isValid = effect.verdict === "valid";
    const { hash, seq } = this.place;
    if (this.#pinned?.seq === seq && !equal(this.#pinned.hash, hash)) this.alarm("history", null, OTHER);
    if (effect.alarm && seq > this.#resumed) await this.#differs(effect.alarm);
    if (effect.copy)
      this.alarm("copy", this.core.me.userId, "this device was copied: another one sends in its name");
    if (row.kind !== "message") {
      await noteReset(this.core, folded);
      if (row.kind === "commit" && isValid) this.arrived = Math.min(Date.now(), Date.parse(folded.from.at));
      if (isValid) await this.#nameAll();
      for (const entry of effect.dropped ? this.thread.drop(effect.dropped) : [])
        this.#tellEntry("change", entry);
      if (isValid && !this.#loading) this.events.emit("room", null);
      return;
    }
    const { made, changed } = this.thread.take(folded);
    for (const entry of made) this.#tellEntry(this.sender.settle(folded) ? "change" : "message", entry);
    if (made.length === 0) this.sender.settle(folded);
    for (const entry of changed) this.#tellEntry("change", entry);
    this.#tellReceipt(folded);
  }

  #tellEntry(event: "message" | "change", entry: Entry): void {
    this.tell(event, this.thread.show(entry));
  }

  #tellReceipt({ effect: { message, payload } }: Folded): void {
    if (payload?.kind !== "receipt" || !message || equal(message.user, this.core.me.user)) return;
    const receipts = this.thread.receipts.get(toHex(message.user));
    if (receipts && !this.#loading)
      this.events.emit("receipt", { userId: toUuid(message.user), ...receipts });
  }

  async #differs({ user }: { user: Bytes }): Promise<void> {
    const who = this.names.get(toHex(user)) ?? toUuid(user);
    this.alarm("history", toUuid(user), `what ${who} has seen of this room is not what was seen here`);
  }

  async #nameAll(): Promise<void> {
    for (const [key, { user, root }] of this.group.room.log.members) {
      if (!this.names.get(key)) this.names.set(key, await this.core.directory.name(user, root));
    }
    await this.#nameIt();
  }

  async #nameIt(): Promise<void> {
    const { log } = this.group.room;
    const { suite } = this.core;
    const other = [...log.members.values()].find(({ user }) => !equal(user, this.core.me.user));
    if (log.kind === "direct") this.name = (other && this.names.get(toHex(other.user))) ?? null;
    const secret = log.name && keysOf(this.group, log.name.commit)?.secret;
    if (!log.name || !secret) return;
    const key = await nameKey(suite, secret, log.name.commit);
    this.name = await openRoomName(suite, key, { room: this.room, ...log.name }).catch(() => null);
  }

  /** What was verified is pinned. */
  async #pin(): Promise<void> {
    const from = await this.core.keystore.pin(this.#pinName);
    const to = this.place;
    // Where another tab has read on, it has pinned what it read.
    if (to.seq > (from?.seq ?? 0)) await this.core.keystore.batch([{ pin: this.#pinName, from, to }]);
  }

  get #resumedName(): string {
    return `resumed/${toHex(this.room)}`;
  }

  get #pinName(): string {
    return `room/${toHex(this.room)}`;
  }
}
