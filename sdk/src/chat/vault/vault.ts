import { type Bytes, equal, fromBase64url, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import { due } from "../../crypto/epoch/index.ts";
import { keysOf } from "../../crypto/group/index.ts";
import { selfRoomId } from "../../crypto/room-log/index.ts";
import { itemHead, openItem, sealItem, type VaultItem, type VaultPayload } from "../../crypto/vault/index.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import type { Core } from "../core.ts";
import { toUuid } from "../ids.ts";
import { isStale, postChange } from "../room/change.ts";
import type { RoomEngine } from "../room/engine.ts";
import { takeHistory } from "../room/grants.ts";
import { openRoom, openSelf } from "../rooms.ts";

type Kind = VaultPayload["kind"];
type Of<K extends Kind> = Extract<VaultPayload, { kind: K }>;
type Head = ReturnType<typeof itemHead>;

interface Kept {
  bytes: Bytes;
  head: Head;
  payload: VaultPayload;
}

interface WireItem {
  at: string;
  sealed: string;
}

const ACTION = "vault";
const MOST = 200;
/** Items in one call of the database's. */
const MOST_PUT = 100;
const MOST_RACES = 8;
/** What another device was writing while this one read is read the next time. Milliseconds. */
const OVERLAP = 10_000;
const CURSOR = "vault-cursor";
const PREFIX = "vault/";

const nameOf = ({ kind, item }: Head): string => `${PREFIX}${kind}/${toHex(item)}`;
const opened = new WeakMap<Core, Promise<Vault>>();

/**
 * What the account's devices keep for each other, sealed under the self room: names of devices, contacts, the key of
 * backups. A device that was revoked reads nothing that is written afterwards. See docs/protocol.md §19.
 */
export class Vault {
  readonly #core: Core;
  readonly #engine: RoomEngine;
  readonly #items = new Map<string, Kept>();

  private constructor(core: Core, engine: RoomEngine) {
    this.#core = core;
    this.#engine = engine;
  }

  /** @param options.make Begins one where the account has none; without it null. */
  static async open(core: Core, { make = false } = {}): Promise<Vault | null> {
    const known = opened.get(core);
    if (known) return known;
    const id = toUuid(await selfRoomId(core.suite, core.me));
    try {
      await (make ? openSelf(core) : openRoom(core, id, ACTION));
    } catch (error) {
      if (!make && isTrackItError(error, "ACCESS_NOT_FOUND")) return null;
      throw error;
    }
    const engine = await core.rooms.get(id);
    if (!engine) throw new TrackItError("ACCESS_NOT_FOUND", `${ACTION}: the self room was closed`);
    const vault = opened.get(core) ?? Vault.#load(core, engine);
    opened.set(core, vault);
    vault.catch(() => opened.delete(core));
    return vault;
  }

  static async #load(core: Core, engine: RoomEngine): Promise<Vault> {
    const vault = new Vault(core, engine);
    for (const [, bytes] of await core.keystore.list(PREFIX)) await vault.#take(bytes, { isOwn: true });
    return vault;
  }

  get room(): Bytes {
    return this.#engine.room;
  }

  get<K extends Kind>(kind: K, item: Uint8Array): Of<K> | null {
    const found = this.all(kind).find(([id]) => equal(id, item));
    return found?.[1] ?? null;
  }

  /** Items of a kind with what they are about. */
  all<K extends Kind>(kind: K): [Bytes, Of<K>][] {
    return [...this.#items.values()].flatMap(({ head, payload }): [Bytes, Of<K>][] =>
      payload.kind === kind ? [[head.item, payload as Of<K>]] : [],
    );
  }

  /** Reads what other devices wrote. */
  sync(): Promise<void> {
    return this.#sync(true);
  }

  async #sync(mayAsk: boolean): Promise<void> {
    const { keystore, wire } = this.#core;
    await this.#engine.sync(ACTION);
    const saved = await keystore.get(CURSOR);
    let after = saved ? new TextDecoder().decode(saved) : null;
    let [cursor, isClosed] = [after, true];
    for (let more = true; more; ) {
      const found = await wire.ask<WireItem[]>("vault_items_since", { after, limit: MOST }, ACTION);
      for (const { at, sealed } of found) {
        isClosed = (await this.#take(fromBase64url(sealed))) && isClosed;
        if (isClosed) cursor = new Date(Date.parse(at) - OVERLAP).toISOString();
      }
      after = found.at(-1)?.at ?? after;
      more = found.length === MOST;
    }
    if (cursor) await keystore.batch([{ record: CURSOR, value: new TextEncoder().encode(cursor) }]);
    if (isClosed || !mayAsk) return;
    // The key of an epoch before this device may have been granted meanwhile.
    await takeHistory(this.#engine);
    await this.#sync(false);
  }

  /** Writes items, over what another device may have written at the same time. */
  async put(...items: [item: Bytes, payload: VaultPayload][]): Promise<void> {
    for (let at = 0, races = 0; at < items.length; ) {
      await this.rotate();
      await this.sync();
      const part = items.slice(at, at + MOST_PUT);
      const sealed = await Promise.all(
        part.map(([item, payload]) => this.#seal(item, this.#versionOf(item, payload) + 1, payload)),
      );
      if (await this.#post(sealed, races++)) at += MOST_PUT;
    }
  }

  /** Seals an item that stands elsewhere than among the vault's own. */
  async seal(item: Bytes, version: number, payload: VaultPayload): Promise<Bytes> {
    await this.rotate();
    return this.#seal(item, version, payload);
  }

  /**
   * Opens one.
   *
   * @param seen.isKnown This device has sealed or opened these very bytes before: its epoch may be one that a device
   * knew which is gone by now.
   * @returns null where this device has no key for it
   * @throws CRYPTO_OPEN_FAILED
   */
  async unseal(bytes: Bytes, seen: { version?: number; isKnown?: boolean } = {}): Promise<VaultItem | null> {
    const { room, cipher } = this.#engine;
    const { commit, epoch } = itemHead(bytes);
    await this.#engine.knowKeys(epoch);
    let key = await cipher.exporter(this.#engine.group, "vault", commit).catch(() => null);
    if (!key) {
      await this.#engine.sync(ACTION);
      await takeHistory(this.#engine);
      key = await cipher.exporter(this.#engine.group, "vault", commit).catch(() => null);
    }
    if (!key) return null;
    const { version, isKnown } = seen;
    return openItem(this.#core.suite, { room, epoch, commit, key }, bytes, {
      ...(version ? { version } : {}),
      ...(isKnown ? {} : { since: this.dropped }),
    });
  }

  /** The epoch that an item was sealed in. */
  epochOf(sealed: string): number {
    return headOf(fromBase64url(sealed))?.epoch ?? 0;
  }

  /** The first epoch of the self room that no device knows which is gone. */
  get dropped(): number {
    return this.#engine.group.room.epochs.dropped;
  }

  #versionOf(item: Bytes, { kind }: VaultPayload): number {
    const known = [...this.#items.values()].find(
      ({ head, payload }) => payload.kind === kind && equal(head.item, item),
    );
    return known?.head.version ?? 0;
  }

  /** Begins the epoch that is due, and seals what devices know that are gone anew. */
  async rotate(): Promise<void> {
    const engine = this.#engine;
    await engine.inTurn(async () => {
      for (let races = 0; ; races++) {
        await engine.catchUp(ACTION);
        const readable = keysOf(engine.group) !== undefined;
        const reason = due(engine.group.room, this.#core.directory.logs, { readable, now: Date.now() });
        if (!reason) return;
        try {
          await postChange(engine, [], ACTION, { reason });
        } catch (error) {
          if (!isStale(error) || races > MOST_RACES) throw error;
        }
      }
    });
    await this.#reseal();
  }

  async #reseal(): Promise<void> {
    const { dropped } = this.#engine.group.room.epochs;
    for (let races = 0; ; races++) {
      const old = [...this.#items.values()].filter(({ head }) => head.epoch < dropped).slice(0, MOST_PUT);
      if (old.length === 0) return;
      const sealed = await Promise.all(
        old.map(({ head, payload }) => this.#seal(head.item, head.version + 1, payload)),
      );
      if (!(await this.#post(sealed, races))) await this.#sync(false);
    }
  }

  /** @returns false where another device was quicker. */
  async #post(sealed: readonly Bytes[], races: number): Promise<boolean> {
    try {
      await this.#core.wire.ask("put_vault_items", { items: sealed.map(toBase64url) }, ACTION);
    } catch (error) {
      if (!isTrackItError(error, "CONFLICT_VERSION") || races > MOST_RACES) throw error;
      return false;
    }
    for (const bytes of sealed) await this.#take(bytes);
    return true;
  }

  async #seal(item: Bytes, version: number, payload: VaultPayload): Promise<Bytes> {
    const { group, room, cipher } = this.#engine;
    const { last } = group.room.epochs;
    if (!last) throw new TrackItError("CRYPTO_HISTORY", `${ACTION}: the self room has no epoch`);
    const key = await cipher.exporter(group, "vault");
    const epoch = { room, epoch: last.number, commit: last.hash, key };
    return sealItem(this.#core.suite, epoch, { item, version, payload });
  }

  /**
   * @param options.isOwn This device has taken these bytes before.
   * @returns whether it was read, or never will be; false while its key is missing.
   */
  async #take(bytes: Bytes, { isOwn = false } = {}): Promise<boolean> {
    const { room, cipher } = this.#engine;
    const head = headOf(bytes);
    if (!head || !equal(head.room, room)) return true;
    const name = nameOf(head);
    const known = this.#items.get(name);
    if (known && (equal(known.bytes, bytes) || known.head.version >= head.version)) return true;
    await this.#engine.knowKeys(head.epoch);
    const { group } = this.#engine;
    const key = await cipher.exporter(group, "vault", head.commit).catch(() => null);
    if (!key) return false;
    const { version, epoch } = known?.head ?? {};
    const seen = {
      ...(version && epoch ? { version, epoch } : {}),
      ...(isOwn ? {} : { since: group.room.epochs.dropped }),
    };
    const vault = { room, epoch: head.epoch, commit: head.commit, key };
    const item = await openItem(this.#core.suite, vault, bytes, seen).catch(() => null);
    if (!item) return true; // An old one shown again, or none of this account's devices'.
    this.#items.set(name, { bytes, head, payload: item.payload });
    if (!isOwn) await this.#core.keystore.batch([{ record: name, value: bytes }]);
    return true;
  }
}

function headOf(bytes: Bytes): Head | null {
  try {
    return itemHead(bytes);
  } catch {
    return null;
  }
}
