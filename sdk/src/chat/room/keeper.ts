import { toHex } from "../../crypto/bytes/index.ts";
import { real } from "../../retry/around.ts";
import { checkpointOf, noCheckpoint } from "./checkpoint.ts";
import type { RoomEngine } from "./engine.ts";

/** When what was verified is kept: after so many rows, or milliseconds. Read at use, so that a test can have less. */
export const keeping = { rows: 1_000, delay: 5_000 };

/** How many times what it takes to keep a room passes before it is kept again. */
const SPARING = 200;

export const pinName = (room: Uint8Array): string => `room/${toHex(room)}`;

/** Pins what a room's engine has verified, and keeps the room now and then, both in one step. */
export class Keeper {
  readonly #engine: RoomEngine;
  readonly #over = new AbortController();
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
    this.#kept = kept;
  }

  /** Within a turn: pins what was verified; after many rows, or some time, it is kept as well. */
  async pin(): Promise<void> {
    const { core, place, room } = this.#engine;
    if (place.seq - this.#kept >= keeping.rows) return this.keep();
    const from = await core.keystore.pin(pinName(room));
    // Where another tab has read on, it has pinned what it read.
    if (place.seq > (from?.seq ?? 0)) await core.keystore.batch([{ pin: pinName(room), from, to: place }]);
    this.#keepSoon();
  }

  #keepSoon(): void {
    if (this.#isWaiting || this.#engine.place.seq <= this.#kept || this.#over.signal.aborted) return;
    this.#isWaiting = true;
    void real.wait(Math.max(keeping.delay, SPARING * this.#took), this.#over.signal).then(() => {
      this.#isWaiting = false;
      if (!this.#over.signal.aborted) void this.#engine.inTurn(() => this.keep()).catch(() => {});
    });
  }

  /** Within a turn: the room as it stands, for the next session. */
  async keep(): Promise<void> {
    const { core, place, room, stopped } = this.#engine;
    const from = await core.keystore.pin(pinName(room));
    const before = from?.seq ?? 0;
    if (place.seq === 0 || place.seq < before) return; // Another tab has read on, and keeps that.
    const isSure = !stopped && !this.#isDoubted;
    const begun = performance.now();
    const kept = isSure && place.seq > this.#kept ? checkpointOf(this.#engine) : null;
    this.#took = performance.now() - begun;
    if (!kept && place.seq === before) return;
    this.#kept = Math.max(this.#kept, place.seq);
    const pin = { pin: pinName(room), from, to: place };
    // A device that has no room left for this goes on without.
    await core.keystore.batch([pin, ...(kept ?? [])]).catch((error: unknown) => {
      if (!kept || place.seq === before) throw error;
      return core.keystore.batch([pin]);
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
