import { type Identity, ownerOf } from "../access/identity.ts";
import type { Extension, Permission, PushKind } from "../access/policies.ts";
import type { Topic } from "../hub.ts";
import type { RealtimeConfig } from "../settings.ts";
import type { Connection } from "../socket/connection.ts";
import { type FanOut, textFanOut } from "../wire/fan-out.ts";
import type { JoinParams } from "./params.ts";

/** A longer delay would overflow the timer. */
const longestDelay = 3_600_000;
/** Bytes that may wait for the answer to a join. */
const mostHeld = 16 * 1024 * 1024;

interface Held {
  message: FanOut;
  /** Of a stored message. */
  id: string | undefined;
}

/** One client's seat on a topic. */
export class Channel {
  readonly connection: Connection;
  /** As the client says it, `realtime:` in front. */
  readonly topic: string;
  readonly name: string;
  readonly joinRef: string | null;
  readonly params: JoinParams;
  identity: Identity;
  /** Null on public channels, where everybody may do everything. */
  read: Permission | null;
  /** Asked for at the first push of each kind, and again with the next token. */
  write: Partial<Record<PushKind, boolean>> = {};
  presenceEnabled: boolean;
  /** Ids that were replayed: their live copies are left out. */
  replayed = new Set<string>();
  at: Topic | null = null;
  closed = false;
  /** Frames that arrive before the answer to the join wait here. */
  #held: Held[] | null = [];
  #heldBytes = 0;
  #expiry: NodeJS.Timeout | null = null;
  readonly #onClose: (() => void)[] = [];
  #presenceCalls = { count: 0, until: 0 };

  constructor(
    connection: Connection,
    { topic, joinRef }: { topic: string; joinRef: string | null },
    params: JoinParams,
    { identity, read }: { identity: Identity; read: Permission | null },
  ) {
    this.connection = connection;
    this.topic = topic;
    this.name = topic.slice("realtime:".length);
    this.joinRef = joinRef;
    this.params = params;
    this.presenceEnabled = params.presence.enabled;
    this.identity = identity;
    this.read = read;
  }

  get private(): boolean {
    return this.params.private;
  }

  hears(extension: Extension): boolean {
    if (this.read && !this.read[extension]) return false;
    return extension !== "presence" || this.presenceEnabled;
  }

  get who(): string {
    return ownerOf(this.identity);
  }

  /** @param id of a stored message, which a replay may have brought already */
  deliver(message: FanOut, id?: string): void {
    if (this.#held) this.#hold({ message, id }, this.#held);
    else if (id === undefined || !this.replayed.delete(id)) this.connection.sendFanOut(message);
  }

  #hold(one: Held, held: Held[]): void {
    this.#heldBytes += one.message.for(this.connection.version)?.length ?? 0;
    if (this.#heldBytes > mostHeld) this.connection.terminate();
    else held.push(one);
  }

  /** The join was answered: what waited goes out. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const { message, id } of held) this.deliver(message, id);
  }

  push(event: string, payload: unknown): void {
    this.connection.sendFanOut(textFanOut({ topic: this.topic, event, payload }));
  }

  reply(ref: string | null, status: "ok" | "error", response: unknown = {}): void {
    const payload = { status, response };
    this.connection.send({ joinRef: this.joinRef, ref, topic: this.topic, event: "phx_reply", payload });
  }

  system(extension: "system" | "postgres_changes", status: "ok" | "error", message: string): void {
    this.push("system", { extension, status, message, channel: this.name });
  }

  /** Says why, and closes. */
  shutDown(message: string): void {
    if (this.closed) return;
    this.system("system", "error", message);
    this.close();
  }

  close(): void {
    if (this.closed) return;
    this.drop();
    const { topic, joinRef } = this;
    this.connection.send({ joinRef, ref: joinRef, topic, event: "phx_close", payload: {} });
  }

  /** Gives the seat up without a word: the connection is gone. */
  drop(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.#expiry) clearTimeout(this.#expiry);
    for (const undo of this.#onClose.splice(0).reverse()) undo();
  }

  /** Counts a presence call, and says whether it is one too many of its window. */
  exceedsPresence(config: RealtimeConfig): boolean {
    const now = Date.now();
    if (now > this.#presenceCalls.until) {
      this.#presenceCalls = { count: 0, until: now + config.client_presence_window_ms };
    }
    return ++this.#presenceCalls.count > config.max_client_presence_events_per_window;
  }

  onClose(undo: () => void): void {
    this.#onClose.push(undo);
  }

  /** Looks again when the token expires; a new token sets the clock anew. */
  watchExpiry(): void {
    if (this.#expiry) clearTimeout(this.#expiry);
    const left = this.identity.expiresAt - Date.now();
    if (left === Number.POSITIVE_INFINITY) return;
    this.#expiry = setTimeout(
      () => {
        if (Date.now() < this.identity.expiresAt) return this.watchExpiry();
        const seconds = Math.floor((Date.now() - this.identity.expiresAt) / 1000);
        this.shutDown(`Token has expired ${seconds} seconds ago`);
      },
      Math.max(0, Math.min(left, longestDelay)),
    ).unref();
  }
}
