import { toHex } from "../../crypto/bytes/index.ts";
import { real } from "../../retry/around.ts";
import { checkpointOf, noCheckpoint } from "./checkpoint.ts";
import type { RoomEngine } from "./engine.ts";
import type { Folded } from "./fold.ts";
import { ResetLines } from "./resets.ts";

/** When what was verified is kept: after so many rows, or milliseconds. Read at use, so that a test can have less. */
export const keeping = { rows: 1_000, delay: 5_000 };

/** How many times what it takes to keep a room passes before it is kept again. */
const SPARING = 200;

export const pinName = (room: Uint8Array): string => `room/${toHex(room)}`;

/** Pins what a room's engine has verified, and keeps the room now and then, both in one step. */
export class Keeper {
  readonly #engine: RoomEngine;
  readonly #over = new AbortController();
  readonly #lines: ResetLines;
  /** Something did not fit: nothing more is kept in this session. */
  #isDoubted = false;
  #isWaiting = false;
  /** The last row that a checkpoint holds. */
  #kept: number;
  /** What the last one took, in milliseconds: of a room of a thousand it is not made every few seconds. */
  #took = 0;

  /** @param kept The last row that the checkpoint holds which the engine goes on from. */
  constructor(engine: RoomEngine, kept = 0) {
    this.#engine = engine;
    this.#lines = new ResetLines(engine.core);
    this.#kept = kept;
  }

  /** Within a turn: a row was judged, whose line is kept with the next pin. */
  note(folded: Folded): void {
    this.#lines.note(folded);
  }

  /** Within a turn: keeps what was noted and could not be kept before. */
  async keepLines(): Promise<void> {
    if (this.#lines.areOpen) await this.pin();
  }

  /** Within a turn: pins what was verified; after many rows, or some time, it is kept as well. */
  async pin(): Promise<void> {
    const { core, place, room } = this.#engine;
    if (place.seq - this.#kept >= keeping.rows) return this.keep();
    const from = await core.keystore.pin(pinName(room));
    // Where another tab has read on, it has pinned what it read.
    const pin = place.seq > (from?.seq ?? 0) ? [{ pin: pinName(room), from, to: place }] : [];
    await this.#lines.keepWith(pin).finally(() => this.#keepSoon());
  }

  #keepSoon(): void {
    const isKept = this.#engine.place.seq <= this.#kept && !this.#lines.areOpen;
    if (this.#isWaiting || isKept || this.#over.signal.aborted) return;
    this.#isWaiting = true;
    void real.wait(Math.max(keeping.delay, SPARING * this.#took), this.#over.signal).then(() => {
      this.#isWaiting = false;
      if (this.#over.signal.aborted) return;
      void this.#engine.inTurn(() => this.keep()).catch(() => this.#keepSoon());
    });
  }

  /** Within a turn: the room as it stands, for the next session. */
  async keep(): Promise<void> {
    const { core, place, room, stopped } = this.#engine;
    const from = await core.keystore.pin(pinName(room));
    const before = from?.seq ?? 0;
    // Another tab has read on, and keeps that.
    if (place.seq === 0 || place.seq < before) return this.#lines.keepWith([]);
    const isSure = !stopped && !this.#isDoubted;
    const begun = performance.now();
    const kept = isSure && place.seq > this.#kept ? checkpointOf(this.#engine) : null;
    this.#took = performance.now() - begun;
    if (!kept && place.seq === before) return this.#lines.keepWith([]);
    this.#kept = Math.max(this.#kept, place.seq);
    const pin = { pin: pinName(room), from, to: place };
    // A device that has no room left for this goes on without.
    await this.#lines.keepWith([pin, ...(kept ?? [])]).catch((error: unknown) => {
      if (!kept || place.seq === before) throw error;
      return this.#lines.keepWith([pin]);
    });
  }

  /** Once what was missing has come, the next session judges all of it anew. */
  doubt(): void {
    const { core, room } = this.#engine;
    this.#isDoubted = true;
    void core.keystore.batch(noCheckpoint(room)).catch(() => {});
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#engine.inTurn(() => this.keep()).catch(() => {});
  }

  /** Ends without a word: nobody goes on from here. */
  drop(): void {
    this.#over.abort();
  }
}
