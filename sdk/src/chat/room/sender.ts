import { equal, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import { audience, type CommitReason, due, type Epoch } from "../../crypto/epoch/index.ts";
import { keysOf } from "../../crypto/group/index.ts";
import { classOf, type Payload } from "../../crypto/message/index.ts";
import { standing } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { uuid7 } from "../../ids/uuid7.ts";
import { real } from "../../retry/around.ts";
import { backoff } from "../../retry/backoff.ts";
import { isPassing } from "../../retry/passing.ts";
import type { Change } from "../../store/keys/types.ts";
import { toUuid } from "../ids.ts";
import { verifiedRoots } from "../people.ts";
import type { Message } from "../types.ts";
import type { WireRow } from "../wire.ts";
import { evictions, isStale, postChange } from "./change.ts";
import { type Draft, draftName, encodeDraft, readDrafts } from "./drafts.ts";
import { type Due, makeDue } from "./due.ts";
import type { RoomEngine } from "./engine.ts";
import { type Folded, isOwnDevice } from "./fold.ts";
import { heldBy, whoBeganAnew } from "./holding.ts";
import { noSuchRoom } from "./missing.ts";
import { readOwn } from "./own.ts";
import { sealDrafts } from "./sealing.ts";
import { showDraft } from "./shown-draft.ts";
import { closed, discarded, notSent, refused } from "./unsent.ts";
import { Waiters } from "./waiters.ts";

const ACTION = "room.send";
/** Messages in one call. */
const MOST = 50;
/** Races with other members that are lost in a row before the send is put off. */
const MOST_RACES = 12;
const HOUR = 3_600_000;

/** What this device says in a room: shown at once, kept until it stands there, sent in the order it was said. */
export class Sender {
  readonly #engine: RoomEngine;
  readonly #drafts = new Map<string, Draft>();
  readonly #waiting = new Waiters();
  readonly #over = new AbortController();
  /** Ends the wait before the next try. */
  #hurry = new AbortController();
  /** Drafts that the keystore has: one that is there no more, another tab has sent or given up. */
  readonly #stored = new Set<string>();
  /** Drafts that are over here: what was read of them before is old. */
  readonly #forgotten = new Set<string>();
  #flushing = false;
  #tries = 0;
  #repairs: number[] = [];
  /** The epoch that went out with the last call, until it stands or cannot any more. */
  #due: Due | null = null;

  constructor(engine: RoomEngine) {
    this.#engine = engine;
  }

  /** What a session before this one has left, or another tab has not sent yet. */
  async load(): Promise<void> {
    await this.#share(false);
    if (this.#drafts.size > 0) this.kick();
  }

  /** The line is back, perhaps: what waits goes out now, also for a tab that was closed. */
  async wake(): Promise<void> {
    await this.#share(false);
    this.#hurry.abort();
    if (this.#queue().length > 0) this.kick();
  }

  close(): void {
    this.#over.abort();
    this.#waiting.rejectAll(closed);
  }

  list(): Message[] {
    return [...this.#drafts.values()].filter(isShown).map((draft) => this.#show(draft));
  }

  /** Keeps and sends; resolves when it stands in the room. */
  // message path 1: the draft is kept
  async send(payload: Payload, signal?: AbortSignal): Promise<string> {
    const { core, group, room } = this.#engine;
    const draft: Draft = {
      id: uuid7(),
      payload,
      audience: audience(group.room.epochs.last),
      at: Date.now(),
      status: "pending",
      error: null,
      released: false,
      sealed: null,
    };
    const value = encodeDraft(draft); // Refuses what cannot be said, before anybody sees it.
    if (this.#over.signal.aborted) throw closed();
    this.#drafts.set(draft.id, draft);
    if (isShown(draft)) this.#engine.tell("message", this.#show(draft));
    await core.keystore.batch([{ record: draftName(room, draft.id), value }]).catch((error: TrackItError) => {
      this.#fail(draft, "failed", error); // What the app is told of goes out with no later one.
      throw error;
    });
    this.#stored.add(draft.id);
    return this.#wait(draft.id, signal);
  }

  async release(id: string, signal?: AbortSignal): Promise<string> {
    const draft = this.#known(id);
    Object.assign(draft, { status: "pending", error: null, released: true });
    await this.#engine.core.keystore.batch([this.#kept(draft)]);
    this.#tellChange(draft);
    return this.#wait(id, signal);
  }

  async discard(id: string): Promise<void> {
    const draft = this.#known(id);
    if (draft.status === "pending" && draft.sealed)
      throw new TrackItError("CONFLICT_BUSY", "room.discard: the message is on its way");
    await this.#forget(id);
    this.#waiting.reject(id, discarded());
  }

  /** A row of this device's has come: what was under way is there. @returns whether the app knows it as pending. */
  settle({ row, effect }: Folded): boolean {
    const { signed } = effect;
    if (row.kind !== "message" || !signed || !isOwnDevice(this.#engine.core, signed.header.device))
      return false;
    const id = toUuid(signed.header.id);
    const draft = this.#drafts.get(id);
    if (!draft) return false;
    if (effect.verdict !== "valid") {
      // It stands there and counts for nobody: what was said is still here, and nobody is told that it was sent.
      draft.sealed = null;
      this.#fail(draft, "failed", refused(id));
      return isShown(draft);
    }
    void this.#forget(id).catch(() => {});
    // Once what comes with the row was told.
    queueMicrotask(() => this.#waiting.resolve(id));
    return isShown(draft);
  }

  /** Sends what waits, now or later. */
  kick(): void {
    if (this.#flushing || this.#over.signal.aborted) return;
    this.#flushing = true;
    const { core, id } = this.#engine;
    // Outside the turn: while another tab sends, this one goes on reading.
    void core
      .locked(`send ${id}`, () => this.#engine.inTurn(() => this.#flush()).catch((error) => this.#end(error)))
      .then(
        () => {
          this.#tries = 0;
          this.#flushing = false;
          if (this.#queue().length > 0) this.kick();
        },
        async () => {
          this.#flushing = false;
          this.#tries += 1;
          this.#hurry = new AbortController();
          const ended = AbortSignal.any([this.#hurry.signal, this.#over.signal]);
          await real.wait(backoff(this.#tries, Math.random), ended);
          this.kick();
        },
      );
  }

  #queue(): Draft[] {
    return [...this.#drafts.values()].filter(({ status }) => status === "pending");
  }

  async #flush(): Promise<void> {
    const engine = this.#engine;
    if (this.#over.signal.aborted) return;
    for (let races = 0; this.#queue().length > 0; races++) {
      if (races > MOST_RACES)
        throw new TrackItError("CONFLICT_BUSY", `${ACTION}: other members are always quicker`);
      await engine.catchUp(ACTION, undefined, races === 0);
      await this.#share(true);
      if (this.#queue().length === 0) return;
      this.#check();
      const due = await this.#begin(races === 0);
      if (due === "again") continue;
      const batch = (await this.#ready(due?.epoch ?? engine.group.room.epochs.last)).slice(0, MOST);
      if (batch.length === 0) return;
      if (!(await sealDrafts(engine, [...this.#drafts.values()], batch, due))) continue;
      await this.#post(batch, due);
    }
  }

  #check(): void {
    const { core, stopped, group, id } = this.#engine;
    if (stopped)
      throw new TrackItError("CRYPTO_HISTORY", `${ACTION}: ${stopped.message}`, {
        hint: "Nothing is sent into this room. Ask its members by another way what they see.",
      });
    const over = whoBeganAnew(ACTION, group.room.log, (user) => this.#nameOf(user));
    if (over) throw over;
    if (group.room.log.deleted)
      throw new TrackItError("ACCESS_NOT_FOUND", `${ACTION}: room ${id} was deleted`);
    // Also where the server says otherwise: whatever was committed here would be void.
    if (!standing(group.room.log, core.me.user, core.me.root)) throw noSuchRoom(ACTION, id);
  }

  /**
   * Makes the epoch that is due, for the call that sends; null where none is. One that went out before and was not
   * answered goes out again as it was. If that cannot be, because it was another session's or rows have come since,
   * the next one begins by itself: once it stands, nothing that was signed for the other can count any more.
   */
  // message path 2: the epoch that is due is made
  async #begin(isBrief: boolean): Promise<Due | "again" | null> {
    const engine = this.#engine;
    const { core, group, room } = engine;
    const { own } = await readOwn(core.keystore, room);
    const isOpen = own.epoch > (group.room.epochs.last?.number ?? 0);
    const before = isOpen && this.#due && equal(own.commit, this.#due.epoch.hash) ? this.#due : null;
    if (before && !before.refused && before.base === engine.place.seq) return before;
    const isUnknown = isOpen && !before?.refused;
    const reason = this.#reason() ?? (isUnknown ? "asked" : null);
    if (reason && isBrief) return "again"; // Whoever is to have the next secret is listed anew.
    this.#due = null;
    if (!reason) return null;
    if (reason === "repair") this.#repairs.push(Date.now());
    if (!isUnknown) {
      this.#due = await makeDue(engine, evictions(group.room.log), reason, ACTION);
      return this.#due;
    }
    await postChange(engine, evictions(group.room.log), ACTION, { reason }).catch((error: unknown) => {
      if (!isStale(error)) throw error;
    });
    return "again";
  }

  #reason(): CommitReason | null {
    const { core, group, arrived } = this.#engine;
    const now = Date.now();
    this.#repairs = this.#repairs.filter((at) => now - at < HOUR);
    return due(group.room, core.directory.logs, {
      ...{ readable: keysOf(group) !== undefined, now, repairs: this.#repairs.length },
      ...(arrived === null ? {} : { arrived }),
    });
  }

  /** What may go out: not what somebody would read for whom it was not written. */
  async #ready(epoch: Epoch | null): Promise<Draft[]> {
    if (!epoch) return this.#queue();
    const verified = await verifiedRoots(this.#engine.core);
    const company = { epoch, verified, nameOf: (user: Uint8Array) => this.#nameOf(user) };
    return this.#queue().filter((draft) => {
      const error = heldBy(ACTION, draft, company);
      if (error) this.#fail(draft, "held", error);
      return !error;
    });
  }

  /**
   * All tabs have the same drafts, by the keystore.
   *
   * @param isAlone No other tab sends now, and every row that one has sent was read: what it has sealed goes out as it
   * is, what it has given up is given up.
   */
  async #share(isAlone: boolean): Promise<void> {
    const { core, room, thread } = this.#engine;
    const before = [...this.#stored];
    const found = new Map((await readDrafts(core.keystore, room)).map((draft) => [draft.id, draft]));
    for (const id of isAlone ? before : []) if (!found.has(id)) this.#drop(id);
    for (const draft of found.values()) {
      const entry = thread.find(draft.id);
      const known = this.#drafts.get(draft.id);
      if (entry?.device && isOwnDevice(core, entry.device)) await this.#forget(draft.id);
      else if (known && isAlone) this.#adopt(known, draft);
      else if (!known && !this.#forgotten.has(draft.id)) this.#take(draft);
    }
  }

  /** One that another tab, or a session before this one, has left. */
  #take(draft: Draft): void {
    this.#stored.add(draft.id);
    this.#drafts.set(draft.id, draft);
    if (isShown(draft)) this.#engine.tell("message", this.#show(draft));
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

  #nameOf(user: Uint8Array): string {
    return this.#engine.names.get(toHex(user)) ?? toUuid(user);
  }

  #kept(draft: Draft): Change {
    return { record: draftName(this.#engine.room, draft.id), value: encodeDraft(draft) };
  }

  // message path 4: posted
  async #post(batch: readonly Draft[], due: Due | null): Promise<void> {
    const engine = this.#engine;
    const { core, id } = engine;
    const messages = batch.map(({ sealed }) => toBase64url(sealed?.bytes ?? new Uint8Array()));
    try {
      const answer = await core.wire.ask<{ messages: { id: string; seq: number; at: string }[] }>(
        "send_messages",
        { room: id, messages, ...(due ? { due: due.change } : {}) },
        ACTION,
      );
      const rows = answer.messages.map(({ id: message, seq, at }, index): WireRow => {
        return { seq, kind: "message", bytes: messages[index] ?? "", by: core.me.userId, at, id: message };
      });
      // What was begun came with the first of them.
      const begun = due?.rows.map((row): WireRow => ({ ...row, at: rows[0]?.at ?? "" })) ?? [];
      await engine.fold([...begun, ...rows].filter(({ seq }) => seq > engine.place.seq));
      if (due) core.stirred();
    } catch (error) {
      if (!isStale(error)) throw error;
      if (!due) return;
      due.refused = true;
      await core.keystore.batch([{ secret: due.secret, sealed: null }]);
    }
  }

  async #wait(id: string, signal?: AbortSignal): Promise<string> {
    if (this.#over.signal.aborted) throw closed();
    const stands = this.#waiting.wait(id, signal, (cause) => {
      const draft = this.#drafts.get(id);
      if (draft && !draft.sealed) void this.#forget(id).catch(() => {});
      return new TrackItError("NETWORK_ABORTED", `${ACTION}: aborted`, { cause });
    });
    this.kick();
    return stands;
  }

  /** Where it would not help to try again. Who has to sign in first finds what was written afterwards. */
  #end(error: TrackItError): void {
    if (isPassing(error)) throw error;
    const isSession = /^AUTH_/.test(error.code);
    for (const draft of this.#queue()) {
      if (isSession) this.#waiting.reject(draft.id, error);
      else this.#fail(draft, "failed", error);
    }
  }

  #fail(draft: Draft, status: "failed" | "held", error: TrackItError): void {
    Object.assign(draft, { status, error });
    void this.#engine.core.keystore.batch([this.#kept(draft)]).catch(() => {});
    this.#tellChange(draft);
    this.#waiting.reject(draft.id, error);
    // What nobody sees cannot be sent again by anybody.
    if (!isShown(draft)) void this.#forget(draft.id).catch(() => {});
  }

  #tellChange(draft: Draft): void {
    if (isShown(draft)) this.#engine.tell("change", this.#show(draft));
  }

  async #forget(id: string): Promise<void> {
    const { core, room } = this.#engine;
    this.#drafts.delete(id);
    this.#stored.delete(id);
    this.#forgotten.add(id);
    await core.keystore.batch([{ record: draftName(room, id), value: null }]);
  }

  #known(id: string): Draft {
    const draft = this.#drafts.get(id);
    if (draft) return draft;
    throw new TrackItError("ACCESS_NOT_FOUND", `room: no message ${id} waits to be sent`);
  }

  #show(draft: Draft): Message {
    const { core, id, thread } = this.#engine;
    return showDraft(draft, {
      roomId: id,
      userId: core.me.userId,
      username: this.#nameOf(core.me.user),
      thread,
    });
  }
}

const isShown = ({ payload }: Draft): boolean => classOf(payload) === "content";
