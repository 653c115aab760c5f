import { type Bytes, fromBase64url, fromHex, toBase64url, toHex } from "../crypto/bytes/index.ts";
import {
  applyDeviceEntry,
  type DeviceLog,
  isAhead,
  nameHashAt,
  openName,
  startDeviceLog,
} from "../crypto/device-log/index.ts";
import { type DeviceLogs, pinKey } from "../crypto/room-log/index.ts";
import type { Suite } from "../crypto/suite/index.ts";
import { TrackItError } from "../errors.ts";
import type { Keystore } from "../store/keys/types.ts";
import { fromUuid, toUuid } from "./ids.ts";
import type { Wire, WireLog } from "./wire.ts";

interface Known {
  log: DeviceLog;
  /** What name hashes open to, by the number of their entry. */
  openings: Record<string, string>;
}

/** A log that has to be read up to that row. Without a root: every identity of that user that is known. */
export interface Want {
  user: Bytes;
  root?: Bytes | undefined;
  seq: number;
}

/** Logs in one request. */
const MOST = 200;

/**
 * Everybody's device logs as far as they were needed: fetched, verified, and pinned in the keystore. They only grow;
 * a server that shows less than it did, or something else, is not believed.
 */
export class Directory {
  readonly #suite: Suite;
  readonly #wire: Wire;
  readonly #keystore: Keystore;
  readonly #known = new Map<string, Known>();
  /** Not read to their end, and so not held against their pin: nothing rests on them. */
  readonly #begun = new Map<string, Known>();
  /** Roots by user in hex. */
  readonly #roots = new Map<string, Set<string>>();

  constructor(suite: Suite, wire: Wire, keystore: Keystore) {
    this.#suite = suite;
    this.#wire = wire;
    this.#keystore = keystore;
  }

  readonly logs: DeviceLogs = (user, root) => this.#known.get(pinKey(user, root))?.log;

  /** The present identity of an account; null where it has none yet. */
  async present(userId: string, action: string): Promise<DeviceLog | null> {
    return (await this.presentOf([userId], action)).get(userId) ?? null;
  }

  /** The present identities of accounts, by their ids; without those that have none yet. */
  async presentOf(userIds: readonly string[], action: string): Promise<Map<string, DeviceLog>> {
    const known = new Set(this.#known.keys());
    const present = new Map<string, DeviceLog>();
    for (let at = 0; at < userIds.length; at += MOST) {
      const asked = userIds.slice(at, at + MOST).map((user_id) => ({ user_id }));
      for (const { root, rows, user_id } of await this.#read(asked, action)) {
        const [user, one] = [fromUuid(user_id), fromBase64url(root)];
        // What was known already is asked for again from its last row on.
        if (known.has(pinKey(user, one))) await this.ensure([{ user, root: one, seq: rows }], action);
        const log = this.logs(user, one);
        if (log) present.set(user_id, log);
      }
    }
    return present;
  }

  /** Reads logs up to what is wanted. What the server does not give is missing afterwards, and judged so. */
  async ensure(wants: readonly Want[], action: string): Promise<void> {
    const asked = new Map<string, { user_id: string; root: string; after: number }>();
    for (const { user, root, seq } of wants) {
      const roots = root ? [toHex(root)] : [...(this.#roots.get(toHex(user)) ?? [])];
      for (const one of roots) {
        const rows = this.#known.get(toHex(user) + one)?.log.rows ?? 0;
        if (rows > 0 && rows >= seq) continue;
        asked.set(toHex(user) + one, { user_id: toUuid(user), root: toBase64url(fromHex(one)), after: rows });
      }
    }
    const all = [...asked.values()];
    for (let at = 0; at < all.length; at += MOST) await this.#read(all.slice(at, at + MOST), action);
  }

  /** The username that an identity has signed; null where it is not known. */
  async name(user: Bytes, root: Bytes): Promise<string | null> {
    const known = this.#known.get(pinKey(user, root));
    const signed = known && nameHashAt(known.log);
    if (!known || !signed) return null;
    for (const opening of Object.values(known.openings).reverse()) {
      const name = await openName(this.#suite, signed, fromBase64url(opening)).catch(() => null);
      if (name !== null) return name;
    }
    return null;
  }

  /** @param doubted Logs of which less was shown than is known, before: another tab or call may have read on meanwhile. */
  async #read(
    asked: readonly { user_id: string; root?: string; after?: number }[],
    action: string,
    doubted: ReadonlySet<string> = new Set(),
  ): Promise<WireLog[]> {
    const found = await this.#wire.ask<WireLog[]>("read_device_logs", { asked }, action);
    const more: { user_id: string; root: string; after: number }[] = [];
    const behind = new Set<string>();
    for (const one of found) {
      const { root, user_id } = one;
      const wanted = asked.find((each) => each.user_id === user_id && (each.root ?? root) === root);
      const read = await this.#take(one, wanted?.after ?? 0);
      if (read === "whole") continue;
      if (read === "behind") {
        if (doubted.has(user_id + root)) throw wentBack(user_id);
        behind.add(user_id + root);
      }
      const key = pinKey(fromUuid(user_id), fromBase64url(root));
      const so = this.#begun.get(key) ?? this.#known.get(key);
      more.push({ user_id, root, after: so?.log.rows ?? 0 });
    }
    if (more.length > 0) await this.#read(more, action, behind);
    return found;
  }

  /** @returns `behind` where the server shows less than this device, or another tab of it, has seen. */
  async #take(
    { user_id, root, rows, entries, openings }: WireLog,
    after: number,
  ): Promise<"whole" | "more" | "behind"> {
    const user = fromUuid(user_id);
    const key = pinKey(user, fromBase64url(root));
    const before = this.#begun.get(key) ?? this.#known.get(key);
    let log = before?.log ?? startDeviceLog(user, fromBase64url(root));
    this.#begun.delete(key);
    if (rows < log.rows) return "behind";
    if (log.rows < after) return "more"; // Another call has ended what this one went on with.
    for (const entry of entries.slice(Math.max(0, log.rows - after))) {
      ({ log } = await applyDeviceEntry(this.#suite, log, fromBase64url(entry)));
    }
    const isWhole = log.rows >= rows || entries.length === 0;
    if (!isWhole) this.#begun.set(key, { log, openings });
    else if (!(await this.#pin(key, log))) return "behind";
    // Another call may have come further meanwhile.
    else if ((this.#known.get(key)?.log.rows ?? 0) <= log.rows) this.#known.set(key, { log, openings });
    const roots = this.#roots.get(toHex(user)) ?? new Set();
    this.#roots.set(toHex(user), roots.add(toHex(log.root)));
    return isWhole ? "whole" : "more";
  }

  /** @returns false where another tab has pinned more of it. */
  async #pin(key: string, log: DeviceLog): Promise<boolean> {
    const name = `log/${key}`;
    const from = await this.#keystore.pin(name);
    const { head, user } = log;
    if (from && from.seq > head.seq) return false;
    if (from && !isAhead(log, head, { seq: from.seq, hash: new Uint8Array(from.hash) }))
      throw wentBack(toUuid(user));
    // Where another tab was quicker, it has pinned the same log.
    if (head.seq > (from?.seq ?? 0)) await this.#keystore.batch([{ pin: name, from, to: head }]);
    return true;
  }
}

function wentBack(userId: string): TrackItError {
  return new TrackItError(
    "CRYPTO_HISTORY",
    `the server shows an older or another list of devices of ${userId} than it did before`,
    { hint: "Nothing is sent to it. Compare safety numbers by another way.", details: { userId } },
  );
}
