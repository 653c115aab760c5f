import { createHash } from "node:crypto";
import { type Bytes, toHex } from "../../sdk/src/crypto/bytes/index.ts";
import type { Step } from "../../sdk/src/crypto/cipher.ts";
import {
  applyDeviceEntry,
  type DeviceLog,
  deviceAt,
  startDeviceLog,
} from "../../sdk/src/crypto/device-log/index.ts";
import { due, type Epoch } from "../../sdk/src/crypto/epoch/index.ts";
import {
  createRsaAes,
  type Group,
  type GroupEffect,
  keysOf,
  type Row,
  type RsaAes,
  rewind,
  startGroup,
  startRoom,
  underWay,
} from "../../sdk/src/crypto/group/index.ts";
import { decodeMessage } from "../../sdk/src/crypto/message/index.ts";
import type { DeviceLogs, RoomChange } from "../../sdk/src/crypto/room-log/index.ts";
import type { Mutant } from "./mutants.ts";
import type { Device, Person, World } from "./world.ts";

/** A message that a client shows. */
export interface Shown {
  hash: string;
  device: string;
  seq: number;
  place: number;
  text: string;
  alarm: boolean;
  seen: string;
  /** The row said what the header says, and the device was of the epoch that stood then. */
  isOfItsPlace: boolean;
}

/** An entry or a commit that was taken for valid. */
export interface Believed {
  row: Row;
  before: Group;
  after: Group;
  /** Rows of commits so far. */
  rows: number;
}

/**
 * An app on a device: it reads what the server gives it, keeps what it verified, and sends. It is honest; whether its
 * server is, it cannot know.
 */
export class Client {
  readonly person: Person;
  readonly device: Device;
  readonly id: string;
  readonly #world: World;
  readonly #mutant: Mutant;
  readonly #cipher: RsaAes;
  /** Device logs as far as this client has been shown them; they only grow. */
  readonly #logs = new Map<string, DeviceLog>();
  /** The same, when the last commit was read. */
  #logsThen = new Map<string, DeviceLog>();
  /** Rows of somebody's log that the server holds back from this client. */
  readonly withheld = new Map<string, number>();
  view = 0;
  state: Group;
  effects: { row: Row; effect: GroupEffect }[] = [];
  shown: Shown[] = [];
  /** Sending has stopped: history differs, or the profile was copied. */
  stopped: string | null = null;
  /** T after each row, in hex: where this client has been. */
  places: string[] = [];
  /** A digest of every byte that was read: signatures are in no transcript, and may differ under one. */
  digest = "";
  /** Devices that a commit has dropped, in hex. */
  dropped = new Set<string>();
  /** The epoch that was looked at last. */
  checked: Bytes | null = null;
  /** Rows were read while the server held device logs back. */
  wasDeceived = false;
  /** Members, in hex, after each entry of the room log, by its number. */
  readonly #members = new Map<number, Set<string>>();
  /** Members, in hex, at the head that the last valid commit named, when its row was read. */
  membersThen: ReadonlySet<string> = new Set();
  /** The last epoch that this client could read. */
  lastEpoch: Epoch | null = null;
  /** Hashes in hex of the commits that were taken for valid. */
  commits = new Set<string>();
  /** Rows of commits that were read. */
  commitRows = 0;
  /** A mutant's: a void commit has stopped it. */
  #blocked = false;
  /** What it was made to believe by the last row. */
  believed: Believed[] = [];
  /** A cut has taken entries of the log back. */
  undone = false;
  #unsent: { id: Bytes; text: string; bytes: Bytes } | null = null;

  private constructor(
    world: World,
    person: Person,
    device: Device,
    mutant: Mutant,
    state: Group,
    cipher: RsaAes,
  ) {
    this.#world = world;
    this.person = person;
    this.device = device;
    this.id = toHex(device.signer.id);
    this.#mutant = mutant;
    this.state = state;
    this.#cipher = cipher;
  }

  static async enter(world: World, person: Person, device: Device, mutant: Mutant): Promise<Client> {
    const { suite, boxes, room } = world;
    const wrapKey = toHex(device.wrapKey);
    const self = {
      user: person.user,
      root: person.log.root,
      signer: device.signer,
      unwrap: (box: Uint8Array, label: Uint8Array) => boxes.open(wrapKey, box, label),
      newSecret: () => boxes.secret(),
    };
    const state = startGroup(await startRoom(suite, room));
    return new Client(world, person, device, mutant, state, createRsaAes(suite, self, mutant.rules ?? {}));
  }

  /** The same profile once more: what a restored backup or a cloned disk is. */
  copy(): Client {
    const twin = new Client(this.#world, this.person, this.device, this.#mutant, this.state, this.#cipher);
    for (const [key, log] of this.#logs) twin.#logs.set(key, log);
    twin.view = this.view;
    twin.shown = [...this.shown];
    twin.places = [...this.places];
    twin.digest = this.digest;
    twin.commitRows = this.commitRows;
    twin.commits = new Set(this.commits);
    twin.dropped = new Set(this.dropped);
    twin.wasDeceived = this.wasDeceived;
    for (const [seq, users] of this.#members) twin.#members.set(seq, users);
    twin.membersThen = this.membersThen;
    twin.effects = [...this.effects];
    return twin;
  }

  get devices(): DeviceLogs {
    return (user) => this.#logs.get(toHex(user));
  }

  get isReadable(): boolean {
    return keysOf(this.state) !== undefined;
  }

  get place(): number {
    return this.state.room.transcript.place.seq;
  }

  get transcript(): string {
    return toHex(this.state.room.transcript.place.hash);
  }

  async readLogs(): Promise<void> {
    const { suite, people } = this.#world;
    for (const { user, rows, log } of people) {
      const key = toHex(user);
      let known = this.#logs.get(key) ?? startDeviceLog(user, log.root);
      const most = rows.length - (this.withheld.get(key) ?? 0);
      for (const row of rows.slice(known.rows, Math.max(most, 1))) {
        ({ log: known } = await applyDeviceEntry(suite, known, row, this.#mutant.deviceRules));
      }
      this.#logs.set(key, known);
    }
  }

  /** Reads the rows that its view has gained. */
  async read(most = Number.POSITIVE_INFINITY): Promise<void> {
    await this.readLogs();
    const view = this.#world.views[this.view];
    if (this.places.length === 0) this.places.push(this.transcript);
    while (view && !this.#blocked && this.place < Math.min(view.rows.length, most)) {
      const row = view.rows[this.place] as Row;
      const wrap = view.wraps.get(row.place)?.get(this.id) ?? null;
      const before = this.state;
      const { state, effect } = await this.#cipher.apply(before, row, { devices: this.devices, wrap });
      const taken = this.#mutant.after?.({ before, state, effect }) ?? { state, effect };
      this.state = taken.state;
      this.places.push(this.transcript);
      this.digest = createHash("sha256").update(this.digest).update(row.bytes).digest("hex");
      this.#note(before, taken.effect, row);
      this.effects.push({ row, effect: taken.effect });
      this.#show(row, taken.effect);
    }
  }

  #note(before: Group, effect: GroupEffect, row: Row): void {
    const { log } = this.state.room;
    if (row.kind === "commit") this.commitRows++;
    if (effect.epoch) this.commits.add(toHex(effect.epoch.hash));
    if (effect.readable && effect.epoch) this.lastEpoch = effect.epoch;
    if (row.kind === "commit" && effect.verdict !== "valid" && this.#mutant.blocks) this.#blocked = true;
    if (effect.verdict === "valid" && row.kind !== "message") {
      this.believed.push({ row, before, after: this.state, rows: this.commitRows });
    }
    if ([...this.withheld.values()].some((rows) => rows > 0)) this.wasDeceived = true;
    if (effect.epoch) {
      this.#logsThen = new Map(this.#logs);
      this.membersThen = this.#members.get(effect.epoch.commit.log.seq) ?? new Set();
    }
    for (const device of effect.dropped?.devices ?? []) this.dropped.add(toHex(device));
    if (log.head.seq < before.room.log.head.seq) this.undone = true;
    const users = [...log.members].filter(([, { erased }]) => !erased).map(([user]) => user);
    this.#members.set(log.head.seq, new Set(users));
  }

  #show(row: Row, effect: GroupEffect): void {
    if (effect.alarm) this.stopped ??= "history differs";
    if (effect.copy) this.stopped = "copied profile";
    if (effect.dropped && !this.#mutant.forgetsCuts) {
      const gone = new Set(effect.dropped.devices.map(toHex));
      const { cut } = effect.dropped;
      this.shown = this.shown.filter(({ device, place }) => !gone.has(device) || place <= cut);
    }
    if (effect.twins) {
      const twins = effect.twins.map(toHex);
      this.shown = this.shown.filter(({ hash }) => !twins.includes(hash));
    }
    const { message, payload } = effect;
    if (effect.verdict !== "valid" || !message || payload?.kind !== "text") return;
    const { header, hash, alarm } = message;
    this.shown.push({
      hash: toHex(hash),
      device: toHex(header.device),
      seq: header.seq,
      place: row.place,
      text: payload.text,
      alarm,
      seen: `${header.seen.seq}:${toHex(header.seen.hash)}`,
      isOfItsPlace:
        row.kind === "message" &&
        row.columns.seq === header.seq &&
        row.columns.epoch === header.epoch &&
        header.epoch === this.state.room.epochs.last?.number &&
        this.state.room.epochs.last.devices.has(toHex(header.device)),
    });
  }

  /** Makes the room, with this person as its owner. */
  async found(history: "none" | "shared"): Promise<void> {
    const none = {
      peer: new Uint8Array(16),
      peerRoot: new Uint8Array(32),
      peerHead: { seq: 0, hash: new Uint8Array(32) },
    };
    const create = { op: "create", kind: "group", protocol: 1, suite: 1, history, ...none } as const;
    const given = { devices: this.devices, time: ++this.#world.time };
    this.#take(await this.#cipher.create(this.#world.room, create, given));
    await this.read();
  }

  /** As the database does: all of it or nothing. */
  #take({ entries, commit, wraps }: Step): void {
    const view = this.#world.views[this.view];
    if (!view) return;
    for (const bytes of [...entries, commit]) this.#world.truth.signed.add(toHex(bytes));
    for (const bytes of entries) view.rows.push({ kind: "entry", bytes, place: view.rows.length + 1 });
    const place = view.rows.length + 1;
    view.rows.push({ kind: "commit", bytes: commit, place });
    view.wraps.set(place, new Map(wraps.map(({ device, wrap }) => [toHex(device), wrap])));
  }

  /** Changes the room, or begins an epoch. Posts nothing where it may not. @returns whether it was taken. */
  async change(changes: RoomChange[], reason?: "repair" | "age" | "asked"): Promise<boolean> {
    await this.read();
    if (this.#blocked) return false;
    const given = { devices: this.devices, time: ++this.#world.time, ...(reason ? { reason } : {}) };
    const step = await this.#cipher.change(this.state, changes, given).catch(() => null);
    if (!step) return false;
    this.#take(step);
    await this.read();
    return true;
  }

  /**
   * Sends, as an app does: what is due is committed first, what was not acknowledged is sent again.
   *
   * @param lost The server takes it, or not, and its answer is lost on the way.
   * @returns whether the message stands among the rows.
   */
  async send(text: string, lost: "no" | "taken" | "untaken" = "no"): Promise<boolean> {
    await this.read();
    if (this.#isOver) return false;
    for (let tries = 0; tries < 3; tries++) {
      const reason = this.#due();
      if (!reason) break;
      const asked = reason === "repair" || reason === "age" ? reason : "asked";
      if (!(await this.change([], asked)) || this.#isOver) return false;
    }
    if (this.#due()) return false;
    await this.#resend();
    if (this.#isOver || this.#due() || this.#unsent) return false;
    const id = this.#world.suite.random(16);
    const bytes = await this.#encrypt(id, text);
    if (lost !== "no") this.#unsent = { id, text, bytes };
    if (lost !== "untaken") await this.#post(bytes);
    await this.read();
    return lost !== "untaken";
  }

  get #isOver(): boolean {
    return this.stopped !== null || this.state.room.log.deleted;
  }

  #due() {
    const { room } = this.state;
    return due(room, this.#sendingLogs, { readable: this.isReadable, now: this.#world.time });
  }

  get #sendingLogs(): DeviceLogs {
    return this.#mutant.ignoresLogs ? (user) => this.#logsThen.get(toHex(user)) : this.devices;
  }

  /** The same bytes while the epoch is the same; the same words under the same id once it is over. */
  async #resend(): Promise<void> {
    const waiting = this.#unsent;
    if (!waiting) return;
    this.#unsent = null;
    const { header } = await decodeMessage(this.#world.suite, waiting.bytes);
    if (!underWay(this.state).some(({ seq }) => seq === header.seq)) return; // it had been taken
    const same = header.epoch === this.state.room.epochs.last?.number;
    if (!same) this.state = rewind(this.state, this.device.signer.id);
    await this.#post(same ? waiting.bytes : await this.#encrypt(waiting.id, waiting.text));
    await this.read();
  }

  async #encrypt(id: Bytes, text: string): Promise<Bytes> {
    const { suite, truth } = this.#world;
    const payload = { kind: "text", reply: new Uint8Array(32), text } as const;
    const given = { devices: this.#sendingLogs, time: ++this.#world.time };
    const { state, message, hash } = await this.#cipher.encrypt(this.state, { id, payload }, given);
    this.state = state;
    const { header } = await decodeMessage(suite, message);
    truth.said.set(toHex(hash), {
      device: this.id,
      text,
      seen: `${header.seen.seq}:${toHex(header.seen.hash)}`,
      recipients: new Set(state.room.epochs.last?.devices.keys()),
      revoked: [...(state.room.epochs.last?.devices ?? [])].flatMap(([device, { user, device: id }]) => {
        const log = this.#logs.get(toHex(user));
        return log && !deviceAt(log, id) ? [device] : [];
      }),
    });
    return message;
  }

  async #post(bytes: Bytes): Promise<void> {
    const view = this.#world.views[this.view];
    const { header } = await decodeMessage(this.#world.suite, bytes);
    view?.rows.push({ kind: "message", bytes, columns: header, place: view.rows.length + 1 });
  }
}
