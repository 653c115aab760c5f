import { type Bytes, equal, toHex } from "../../crypto/bytes/index.ts";
import {
  createRsaAes,
  type Group,
  keysOf,
  type RsaAes,
  startGroup,
  startRoom,
  withSecret,
} from "../../crypto/group/index.ts";
import type { Payload, Received } from "../../crypto/message/index.ts";
import { nameKey, openRoomName } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import type { Pin } from "../../store/keys/types.ts";
import type { Core } from "../core.ts";
import { Emitter } from "../emitter.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { ChatAlarm, Message, RoomEvents } from "../types.ts";
import type { WireRow } from "../wire.ts";
import { FEWER, notSo, OTHER } from "./alarms.ts";
import { recall } from "./back.ts";
import { type Checkpoint, isPinned, readCheckpoint } from "./checkpoint.ts";
import { type Folded, foldRows, isOwnDevice, secretName, type Told } from "./fold.ts";
import { follow } from "./follow.ts";
import { compareHeads } from "./heads.ts";
import { RoomHere } from "./here.ts";
import { Keeper, pinName } from "./keeper.ts";
import { Listed } from "./listed.ts";
import { readOwn } from "./own.ts";
import { BLOCK, note, type Past, startPast } from "./past.ts";
import { toRow } from "./rows.ts";
import { Sender } from "./sender.ts";
import { Shared } from "./shared.ts";
import { type Entry, Thread } from "./thread.ts";

/** What happens in a room, for the parts of it; `room` without the room itself, which is made above. */
export type EngineEvents = Omit<RoomEvents, "room"> & { room: null };

/** Messages that are at hand while a room is opened. */
const MOST_SHOWN = 2_000;

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
  /** The server has said that this account is no member any more, and nothing else since. */
  isOut = false;
  /** When the last commit was first seen here. */
  arrived: number | null = null;
  group: Group;
  /** What sessions before this one have verified. */
  #pinned: Pin | null = null;
  /** Up to which row members' other views of this room are known, and gone past. */
  #resumed = 0;
  /** What is known of rows that are not shown. */
  past: Past = startPast();
  #loading = true;
  /** It goes on from what was kept, and nobody is told yet that this does not fit. */
  #isTrial = false;
  #keeper: Keeper;
  #turn: Promise<unknown> = Promise.resolve();
  readonly listed = new Listed();
  /** Rows that were told and wait for their turn. */
  readonly #heard = new Map<number, WireRow>();

  private constructor(core: Core, id: string, group: Group) {
    this.core = core;
    this.id = id;
    this.room = fromUuid(id);
    this.group = group;
    const { user, root, signer, unwrap, newSecret } = core.me;
    this.cipher = createRsaAes(core.suite, { user, root, signer, unwrap, newSecret: () => newSecret() });
    this.thread = new Thread(id, user, (who) => this.names.get(toHex(who)) ?? null);
    this.sender = new Sender(this);
    this.#keeper = new Keeper(this);
  }

  /**
   * Goes on from what this device has kept of the room, or reads it from its first row. Also where what was kept and
   * what the server shows do not fit: a verdict may have been given without what only came later.
   *
   * @throws ACCESS_NOT_FOUND where this account is no member.
   */
  static async open(core: Core, id: string, action: string): Promise<RoomEngine> {
    const room = fromUuid(id);
    const read = await readCheckpoint(core, room);
    // After it: another tab may have kept more, and pinned it with that.
    const pinned = await core.keystore.pin(pinName(room));
    const kept = read && isPinned(read, pinned) ? read : null;
    const found = kept && (await RoomEngine.#openFrom(core, id, { kept, pinned, action }).catch(notSo));
    if (found?.stopped) found.#keeper.drop();
    const isFit = found && !found.stopped;
    const engine = isFit ? found : await RoomEngine.#openFrom(core, id, { kept: null, pinned, action });
    engine.#loading = engine.#isTrial = false;
    await engine.sender.load();
    return engine;
  }

  static async #openFrom(
    core: Core,
    id: string,
    { kept, pinned, action }: { kept: Checkpoint | null; pinned: Pin | null; action: string },
  ): Promise<RoomEngine> {
    const { own } = await readOwn(core.keystore, fromUuid(id));
    const room = kept?.room ?? (await startRoom(core.suite, fromUuid(id)));
    const engine = new RoomEngine(core, id, startGroup(room, own.head));
    engine.#pinned = pinned;
    const resumed = await core.keystore.get(engine.#resumedName);
    engine.#resumed = Number(new TextDecoder().decode(resumed ?? undefined));
    if (kept) await engine.#restore(kept);
    await engine.sync(action);
    if (kept) await engine.inTurn(() => engine.#refresh());
    if ((pinned?.seq ?? 0) > engine.place.seq) engine.alarm("history", null, FEWER);
    return engine;
  }

  async #restore({ arrived, name, names, past, room, thread }: Checkpoint): Promise<void> {
    this.#isTrial = true;
    this.past = past;
    this.thread.restore(thread);
    for (const [user, known] of names) this.names.set(user, known);
    this.name = name;
    this.arrived = arrived;
    this.#keeper = new Keeper(this, room.transcript.place.seq);
    for (const epoch of [room.epochs.last?.number, room.log.name?.epoch]) {
      if (epoch !== undefined) await this.knowKeys(epoch);
    }
  }

  /** What may have changed without a row: what people call themselves, and secrets that another tab was given. */
  async #refresh(): Promise<void> {
    const { directory } = this.core;
    for (const [key, { user, root }] of this.group.room.log.members)
      this.names.set(key, (await directory.name(user, root)) ?? this.names.get(key) ?? null);
    for (const epoch of this.thread.sealedIn()) await this.knowKeys(epoch);
    await this.reopen();
  }

  /** Does the work when everything before it is done. */
  inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  /** Reads what is missing. */
  sync(action: string, signal?: AbortSignal): Promise<void> {
    return this.inTurn(() => this.catchUp(action, signal));
  }

  /** Takes a row that was told, and what came while it waited. @returns false where something is missing before it. */
  hear(row: WireRow): Promise<boolean> {
    this.#heard.set(row.seq, row);
    return this.inTurn(async () => {
      const next: WireRow[] = [];
      for (let one = this.#heard.get(this.place.seq + 1); one; one = this.#heard.get(one.seq + 1))
        next.push(one);
      for (const { seq } of [row, ...next]) this.#heard.delete(seq);
      if (next.length > 0) await this.fold(next);
      return row.seq <= this.place.seq;
    });
  }

  get place() {
    return this.group.room.transcript.place;
  }

  /**
   * Within a turn: heads are compared, then logs and rows read up to them.
   *
   * @param brief Members that were listed a moment ago are listed only if they are others now.
   */
  catchUp(action: string, signal?: AbortSignal, brief = false): Promise<void> {
    return compareHeads(this, action, { signal, brief });
  }

  /** Of a long room that is being opened the last rows are shown; those before are read back when they are wanted. */
  forgetShown(): void {
    const { entries, from } = this.thread;
    const [first] = this.past.marks.slice(-2);
    if (!this.#loading || entries.length < MOST_SHOWN || this.past.marks.length < 2 || !first) return;
    const seq = (this.past.marks.length - 1) * BLOCK;
    if (seq > from.seq) this.thread.restore(this.thread.kept({ seq, hash: first }));
  }

  /** Within a turn: the rows of a call's answer, and those that were told before them and wait for their turn. */
  foldWithHeard(rows: readonly WireRow[]): Promise<void> {
    return this.fold([...new Map([...this.#heard.values(), ...rows].map((row) => [row.seq, row])).values()]);
  }

  /** Within a turn: the next rows. */
  async fold(rows: readonly WireRow[]): Promise<void> {
    const { seq } = this.place;
    const later = rows.filter((row) => row.seq > seq);
    const told = later.map((from): Told => ({ from, row: toRow(this.room, from) }));
    await this.#learnOwn(told);
    await recall(this, told, "rooms");
    this.group = await foldRows(this.core, this.group, this.cipher, told, (group, folded) =>
      this.#take(group, folded),
    );
    await this.#keeper.pin();
  }

  /** Has the keys of an epoch that this device keeps at hand; in a turn or out of one. */
  async knowKeys(number: number): Promise<void> {
    const { keystore, suite } = this.core;
    const past = this.group.room.epochs.past.get(number);
    if (!past || this.group.keys.has(toHex(past.hash))) return;
    const secret = await keystore.secret(secretName(this.room, past.hash)).catch(() => null);
    const known = secret && (await withSecret(suite, this.group, number, secret)).keys.get(toHex(past.hash));
    if (!known) return;
    // Rows may have come meanwhile: what they did stands.
    this.group = { ...this.group, keys: new Map(this.group.keys).set(toHex(past.hash), known) };
  }

  decrypt(message: Received): Promise<Payload> {
    return this.cipher.decrypt(this.group, { verdict: "valid", message });
  }

  alarm(kind: ChatAlarm["kind"], userId: string | null, message: string): void {
    const alarm = { kind, roomId: this.id, userId, message };
    if (this.stopped?.message === message) return;
    this.stopped = alarm;
    if (this.#isTrial) return;
    this.#keeper.doubt();
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
    await this.#keeper.close();
  }

  /** Opens what could not be read before, once secrets have come. */
  async reopen(): Promise<void> {
    const changed = await this.thread.open((message) => this.decrypt(message));
    const before = this.name;
    await this.#nameIt();
    for (const entry of changed) this.tell("change", this.thread.show(entry));
    if (this.name !== before) this.events.emit("room", null);
  }

  /** What another tab of this device has sent is this device's: its number stands in the keystore they share. */
  async #learnOwn(told: readonly Told[]): Promise<void> {
    const mine = told.flatMap(({ row }) => {
      return row.kind === "message" && isOwnDevice(this.core, row.columns.device) ? [row.columns.seq] : [];
    });
    const last = Math.max(0, ...mine);
    if (last <= this.group.seen) return;
    const { head } = (await readOwn(this.core.keystore, this.room)).own;
    // Also under a number that this tab has signed, for an epoch that is past.
    if (head.seq < last || equal(head.hash, this.group.own.hash)) return;
    this.group = { ...this.group, own: head, seen: head.seq, sent: null };
  }

  async #take(group: Group, folded: Folded): Promise<void> {
    this.group = group;
    const { effect, row } = folded;
    const isValid = effect.verdict === "valid";
    const { hash, seq } = this.place;
    note(this.past, folded, this.place);
    if (this.#pinned?.seq === seq && !equal(this.#pinned.hash, hash)) this.alarm("history", null, OTHER);
    if (effect.alarm && seq > this.#resumed) await this.#differs(effect.alarm);
    if (effect.copy)
      this.alarm("copy", this.core.me.userId, "this device was copied: another one sends in its name");
    if (row.kind !== "message") {
      this.#keeper.note(folded);
      if (row.kind === "commit" && isValid) this.arrived = Math.min(Date.now(), Date.parse(folded.from.at));
      if (isValid) await this.#nameAll();
      for (const entry of effect.dropped ? this.thread.drop(effect.dropped, seq) : [])
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

  /** Lines about new identities that could not be kept when their rows were judged. */
  keepLines(): Promise<void> {
    return this.inTurn(() => this.#keeper.keepLines());
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

  get #resumedName(): string {
    return `resumed/${toHex(this.room)}`;
  }
}
