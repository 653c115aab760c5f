import { toHex } from "../../crypto/bytes/index.ts";
import { classOf } from "../../crypto/message/index.ts";
import { TrackItError } from "../../errors.ts";
import type { Change } from "../../store/keys/types.ts";
import { toUuid } from "../ids.ts";
import type { Message } from "../types.ts";
import { type Draft, draftName, encodeDraft, readDrafts } from "./drafts.ts";
import type { RoomEngine } from "./engine.ts";
import { isOwnDevice } from "./fold.ts";
import { showDraft } from "./shown-draft.ts";
import { closed, discarded, notSent } from "./unsent.ts";
import { Waiters } from "./waiters.ts";

/** What this device has to say in a room: at hand, in the keystore that all tabs share, and as the app is told of it. */
export class Outbox {
  readonly #engine: RoomEngine;
  readonly #drafts = new Map<string, Draft>();
  readonly #waiting = new Waiters();
  /** Drafts that the keystore has: one that is there no more, another tab has sent or given up. */
  readonly #stored = new Set<string>();
  /** Drafts that are over here: what was read of them before is old. */
  readonly #forgotten = new Set<string>();

  constructor(engine: RoomEngine) {
    this.#engine = engine;
  }

  get all(): Draft[] {
    return [...this.#drafts.values()];
  }

  /** What is to be sent. */
  get queue(): Draft[] {
    return this.all.filter(({ status }) => status === "pending");
  }

  list(): Message[] {
    return this.all.filter(isShown).map((draft) => this.show(draft));
  }

  find(id: string): Draft | undefined {
    return this.#drafts.get(id);
  }

  /** @throws ACCESS_NOT_FOUND */
  known(id: string): Draft {
    const draft = this.#drafts.get(id);
    if (draft) return draft;
    throw new TrackItError("ACCESS_NOT_FOUND", `room: no message ${id} waits to be sent`);
  }

  /** Shows a new draft, and keeps it. @throws what the keystore does: then it is `failed` */
  async add(draft: Draft): Promise<void> {
    const { core, room } = this.#engine;
    const value = encodeDraft(draft); // Refuses what cannot be said, before anybody sees it.
    this.#drafts.set(draft.id, draft);
    if (isShown(draft)) this.#engine.tell("message", this.show(draft));
    await core.keystore.batch([{ record: draftName(room, draft.id), value }]).catch((error: TrackItError) => {
      this.fail(draft, "failed", error); // What the app is told of goes out with no later one.
      throw error;
    });
    this.#stored.add(draft.id);
  }

  async release(draft: Draft): Promise<void> {
    Object.assign(draft, { status: "pending", error: null, released: true });
    await this.#engine.core.keystore.batch([this.#kept(draft)]);
    this.#tellChange(draft);
  }

  async discard(id: string): Promise<void> {
    await this.forget(id);
    this.#waiting.reject(id, discarded());
  }

  /** It stands in the room: whoever waits for it is told once what comes with its row was told. */
  stands(id: string): void {
    void this.forget(id).catch(() => {});
    queueMicrotask(() => this.#waiting.resolve(id));
  }

  fail(draft: Draft, status: "failed" | "held", error: TrackItError): void {
    Object.assign(draft, { status, error });
    void this.#engine.core.keystore.batch([this.#kept(draft)]).catch(() => {});
    this.#tellChange(draft);
    this.#waiting.reject(draft.id, error);
    // What nobody sees cannot be sent again by anybody.
    if (!isShown(draft)) void this.forget(draft.id).catch(() => {});
  }

  async forget(id: string): Promise<void> {
    const { core, room } = this.#engine;
    this.#drafts.delete(id);
    this.#stored.delete(id);
    this.#forgotten.add(id);
    await core.keystore.batch([{ record: draftName(room, id), value: null }]);
  }

  /** Until it stands, or never will. One that `signal` ends is taken back, unless it was signed already. */
  wait(id: string, signal: AbortSignal | undefined, action: string): Promise<string> {
    return this.#waiting.wait(id, signal, (cause) => {
      const draft = this.#drafts.get(id);
      if (draft && !draft.sealed) void this.forget(id).catch(() => {});
      return new TrackItError("NETWORK_ABORTED", `${action}: aborted`, { cause });
    });
  }

  /** Whoever waits hears that it cannot be now; the draft stays as it is. */
  putOff(id: string, error: TrackItError): void {
    this.#waiting.reject(id, error);
  }

  close(): void {
    this.#waiting.rejectAll(closed);
  }

  /**
   * All tabs have the same drafts, by the keystore.
   *
   * @param isAlone No other tab sends now: what one has sealed goes out as it is.
   * @param isRead Every row that one has sent was read: what is gone from the keystore was given up.
   * @returns false where something is gone, and may stand in a row that was not read.
   */
  async share({ isAlone = false, isRead = false } = {}): Promise<boolean> {
    const { core, thread } = this.#engine;
    const before = [...this.#stored];
    const found = await this.#read();
    const gone = isAlone ? before.filter((id) => !found.has(id)) : [];
    if (gone.length > 0 && !isRead) return false;
    for (const id of gone) this.#drop(id);
    for (const draft of found.values()) {
      const entry = thread.find(draft.id);
      const known = this.#drafts.get(draft.id);
      if (entry?.device && isOwnDevice(core, entry.device)) await this.forget(draft.id);
      else if (known && isAlone) this.#adopt(known, draft);
      else if (!known && !this.#forgotten.has(draft.id)) this.#take(draft);
    }
    return true;
  }

  nameOf(user: Uint8Array): string {
    return this.#engine.names.get(toHex(user)) ?? toUuid(user);
  }

  show(draft: Draft): Message {
    const { core, id, thread } = this.#engine;
    const own = { userId: core.me.userId, username: this.nameOf(core.me.user) };
    return showDraft(draft, { roomId: id, ...own, thread });
  }

  /** What all tabs have, by their ids. */
  async #read(): Promise<Map<string, Draft>> {
    const { core, room } = this.#engine;
    return new Map((await readDrafts(core.keystore, room)).map((draft) => [draft.id, draft]));
  }

  /** One that another tab, or a session before this one, has left. */
  #take(draft: Draft): void {
    this.#stored.add(draft.id);
    this.#drafts.set(draft.id, draft);
    if (isShown(draft)) this.#engine.tell("message", this.show(draft));
  }

  /** Takes over what another tab has done to a draft. */
  #adopt(known: Draft, { sealed, status }: Draft): void {
    known.sealed = sealed;
    if (known.status !== "pending" || status === "pending") return;
    known.status = status;
    this.#tellChange(known);
    this.#waiting.reject(known.id, notSent(status));
  }

  #drop(id: string): void {
    this.#stored.delete(id);
    if (this.#drafts.delete(id)) this.#waiting.reject(id, discarded());
  }

  #kept(draft: Draft): Change {
    return { record: draftName(this.#engine.room, draft.id), value: encodeDraft(draft) };
  }

  #tellChange(draft: Draft): void {
    if (isShown(draft)) this.#engine.tell("change", this.show(draft));
  }
}

export const isShown = ({ payload }: Draft): boolean => classOf(payload) === "content";
