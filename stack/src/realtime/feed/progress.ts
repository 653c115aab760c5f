import type { Batch } from "./changes.ts";

/**
 * How far the transaction at hand has been told. One whose connection is lost in the middle comes again from its
 * beginning, and goes on behind what was told of it.
 */
export class Progress {
  #xid = 0;
  #place = 0;

  /** What remains to be told. */
  rest(batch: Batch): Batch {
    if (batch.xid !== this.#xid || this.#place === 0) return batch;
    return { ...batch, changes: batch.changes.filter(({ place }) => place > this.#place) };
  }

  /** Everything up to a place has been told. */
  reach({ xid }: Batch, place: number): void {
    this.#xid = xid;
    this.#place = place;
  }
}
