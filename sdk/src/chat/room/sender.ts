import { equal, toBase64url } from "../../crypto/bytes/index.ts";
import { audience, type CommitReason, due, type Epoch } from "../../crypto/epoch/index.ts";
import { keysOf } from "../../crypto/group/index.ts";
import type { Payload } from "../../crypto/message/index.ts";
import { standing } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { uuid7 } from "../../ids/uuid7.ts";
import { real } from "../../retry/around.ts";
import { backoff } from "../../retry/backoff.ts";
import { isPassing } from "../../retry/passing.ts";
import { toUuid } from "../ids.ts";
import { verifiedRoots } from "../people.ts";
import type { Message } from "../types.ts";
import type { WireHead, WireRow } from "../wire.ts";
import { evictions, isStale, postChange } from "./change.ts";
import type { Draft } from "./drafts.ts";
import { type Due, makeDue } from "./due.ts";
import type { RoomEngine } from "./engine.ts";
import { type Folded, isOwnDevice } from "./fold.ts";
import { meetHead, seenHead } from "./heads.ts";
import { heldBy, whoBeganAnew } from "./holding.ts";
import { pinName } from "./keeper.ts";
import { noSuchRoom } from "./missing.ts";
import { isShown, Outbox } from "./outbox.ts";
import { readOwn } from "./own.ts";
import { sealDrafts } from "./sealing.ts";
import { closed, refused } from "./unsent.ts";

const ACTION = "room.send";
/** Messages in one call. */
const MOST = 50;
/** Races with other members that are lost in a row before the send is put off. */
const MOST_RACES = 12;
const HOUR = 3_600_000;

/** When heads were compared: lately, by the call before this one, or by one that has listed all members. */
type Compared = "lately" | "now" | "whole";

/**
 * What came of a round: there was nothing to send, it stands, rows are to be read first, somebody was quicker; or where
 * the room stands, for who takes it for another.
 */
type Came = "nothing" | "stands" | "unread" | "raced" | WireHead;

type Answer = { messages: { id: string; seq: number; at: string }[] } | { stale: WireHead };

/** What this device says in a room: shown at once, kept until it stands there, sent in the order it was said. */
export class Sender {
  readonly #engine: RoomEngine;
  readonly #outbox: Outbox;
  readonly #over = new AbortController();
  /** Ends the wait before the next try. */
  #hurry = new AbortController();
  #flushing = false;
  #tries = 0;
  #repairs: number[] = [];
  /** The epoch that went out with the last call, until it stands or cannot any more. */
  #due: Due | null = null;

  constructor(engine: RoomEngine) {
    this.#engine = engine;
    this.#outbox = new Outbox(engine);
  }

  /** What a session before this one has left, or another tab has not sent yet. */
  async load(): Promise<void> {
    await this.#outbox.share();
    if (this.#outbox.all.length > 0) this.kick();
  }

  /** The line is back, perhaps: what waits goes out now, also for a tab that was closed. */
  async wake(): Promise<void> {
    await this.#outbox.share();
    this.#hurry.abort();
    if (this.#outbox.queue.length > 0) this.kick();
  }

  close(): void {
    this.#over.abort();
    this.#outbox.close();
  }

  list(): Message[] {
    return this.#outbox.list();
  }

  /** Keeps and sends; resolves when it stands in the room. */
  // message path 1: the draft is kept
  async send(payload: Payload, signal?: AbortSignal): Promise<string> {
    if (this.#over.signal.aborted) throw closed();
    const id = uuid7();
    await this.#outbox.add({
      id,
      payload,
      audience: audience(this.#engine.group.room.epochs.last),
      at: Date.now(),
      status: "pending",
      error: null,
      released: false,
      sealed: null,
    });
    return this.#wait(id, signal);
  }

  async release(id: string, signal?: AbortSignal): Promise<string> {
    await this.#outbox.release(this.#outbox.known(id));
    return this.#wait(id, signal);
  }

  async discard(id: string): Promise<void> {
    const draft = this.#outbox.known(id);
    if (draft.status === "pending" && draft.sealed)
      throw new TrackItError("CONFLICT_BUSY", "room.discard: the message is on its way");
    await this.#outbox.discard(id);
  }

  /** A row of this device's has come: what was under way is there. @returns whether the app knows it as pending. */
  settle({ row, effect }: Folded): boolean {
    const { signed } = effect;
    if (row.kind !== "message" || !signed || !isOwnDevice(this.#engine.core, signed.header.device))
      return false;
    const id = toUuid(signed.header.id);
    const draft = this.#outbox.find(id);
    if (!draft) return false;
    if (effect.verdict === "valid") this.#outbox.stands(id);
    else {
      // It stands there and counts for nobody: what was said is still here, and nobody is told that it was sent.
      draft.sealed = null;
      this.#outbox.fail(draft, "failed", refused(id));
    }
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
          if (this.#outbox.queue.length > 0) this.kick();
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

  async #flush(): Promise<void> {
    let compared = await this.#lately();
    for (let races = 0; this.#outbox.queue.length > 0 && !this.#over.signal.aborted; ) {
      if (races > MOST_RACES)
        throw new TrackItError("CONFLICT_BUSY", `${ACTION}: other members are always quicker`);
      if (!compared) {
        await this.#engine.catchUp(ACTION, undefined, races === 0);
        compared = races === 0 ? "now" : "whole";
      }
      const came = await this.#round(compared);
      if (came === "nothing") return;
      if (came === "stands") races = 0;
      else if (came !== "unread" || compared !== "lately") races += 1;
      compared = typeof came === "object" ? await this.#meet(came) : null;
      if (came === "stands") compared = await this.#lately();
    }
  }

  /**
   * Nothing has to be asked before the call that sends: members were listed not half a minute ago, and no other tab has
   * read further. The database compares what is taken for known, and answers with what is new.
   */
  async #lately(): Promise<Compared | null> {
    const { core, id, listed, place, room } = this.#engine;
    if (listed.known(id)[id] === undefined) return null;
    const pinned = await core.keystore.pin(pinName(room));
    return (pinned?.seq ?? 0) > place.seq ? null : "lately";
  }

  /** Reads what the database had to say instead of taking the messages. */
  async #meet(head: WireHead): Promise<Compared> {
    const { id, listed } = this.#engine;
    const asked = listed.stamp === null ? {} : { [id]: listed.stamp };
    await meetHead(this.#engine, head, { action: ACTION, asked });
    return head.members ? "whole" : "now";
  }

  /** Sends up to 50, with the epoch that is due. */
  async #round(compared: Compared): Promise<Came> {
    const engine = this.#engine;
    if (!(await this.#outbox.share({ isAlone: true, isRead: compared !== "lately" }))) return "unread";
    if (this.#outbox.queue.length === 0) return "nothing";
    this.#check();
    const due = await this.#begin(compared === "whole");
    if (due === "again") return "raced";
    const ready = await this.#ready(due?.epoch ?? engine.group.room.epochs.last);
    if (ready.length === 0) return "nothing";
    const batch = await sealDrafts(engine, { all: this.#outbox.all, ready, most: MOST }, due);
    return batch ? this.#post(batch, due, compared) : "raced";
  }

  #check(): void {
    const { core, stopped, group, id } = this.#engine;
    if (stopped)
      throw new TrackItError("CRYPTO_HISTORY", `${ACTION}: ${stopped.message}`, {
        hint: "Nothing is sent into this room. Ask its members by another way what they see.",
      });
    const over = whoBeganAnew(ACTION, group.room.log, (user) => this.#outbox.nameOf(user));
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
  async #begin(isListed: boolean): Promise<Due | "again" | null> {
    const engine = this.#engine;
    const { core, group, room } = engine;
    const { own } = await readOwn(core.keystore, room);
    const isOpen = own.epoch > (group.room.epochs.last?.number ?? 0);
    const before = isOpen && this.#due && equal(own.commit, this.#due.epoch.hash) ? this.#due : null;
    if (before && !before.refused && before.base === engine.place.seq) return before;
    const isUnknown = isOpen && !before?.refused;
    const reason = this.#reason() ?? (isUnknown ? "asked" : null);
    if (reason && !isListed) return "again"; // Whoever is to have the next secret is listed anew.
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
    const { queue } = this.#outbox;
    if (!epoch) return queue;
    const verified = await verifiedRoots(this.#engine.core);
    const company = { epoch, verified, nameOf: (user: Uint8Array) => this.#outbox.nameOf(user) };
    return queue.filter((draft) => {
      const error = heldBy(ACTION, draft, company);
      if (error) this.#outbox.fail(draft, "held", error);
      return !error;
    });
  }

  /** What the call rests on goes with it: with nothing in between, one call is all that a send takes. */
  // message path 4: posted
  async #post(batch: readonly Draft[], due: Due | null, compared: Compared): Promise<Came> {
    const engine = this.#engine;
    const { core, id, place } = engine;
    const messages = batch.map(({ sealed }) => toBase64url(sealed?.bytes ?? new Uint8Array()));
    // Whoever begins an epoch names all that it rests on in there.
    const seen = due ? null : seenHead(engine, compared === "lately");
    const args = { room: id, messages, ...(due ? { due: due.change } : {}), ...(seen ? { seen } : {}) };
    try {
      const answer = await core.wire.ask<Answer>("send_messages", args, ACTION);
      if ("stale" in answer) return answer.stale;
      const rows = answer.messages.map(({ id: message, seq, at }, index): WireRow => {
        return { seq, kind: "message", bytes: messages[index] ?? "", by: core.me.userId, at, id: message };
      });
      // What was begun came with the first of them.
      const begun = due?.rows.map((row): WireRow => ({ ...row, at: rows[0]?.at ?? "" })) ?? [];
      await engine.foldWithHeard([...begun, ...rows].filter(({ seq }) => seq > place.seq));
      // Its row was judged long ago: another session has sent it, and was closed before it knew.
      for (const { id: message, seq } of answer.messages) if (seq <= place.seq) this.#outbox.stands(message);
      if (due) core.stirred();
      return batch.some((draft) => this.#outbox.find(draft.id)) ? "unread" : "stands";
    } catch (error) {
      if (!isStale(error)) throw error;
      if (!due) return "raced";
      due.refused = true;
      await core.keystore.batch([{ secret: due.secret, sealed: null }]);
      return "raced";
    }
  }

  async #wait(id: string, signal?: AbortSignal): Promise<string> {
    if (this.#over.signal.aborted) throw closed();
    const stands = this.#outbox.wait(id, signal, ACTION);
    this.kick();
    return stands;
  }

  /** Where it would not help to try again. Who has to sign in first finds what was written afterwards. */
  #end(error: TrackItError): void {
    if (isPassing(error)) throw error;
    const isSession = /^AUTH_/.test(error.code);
    for (const draft of this.#outbox.queue) {
      if (isSession) this.#outbox.putOff(draft.id, error);
      else this.#outbox.fail(draft, "failed", error);
    }
  }
}
