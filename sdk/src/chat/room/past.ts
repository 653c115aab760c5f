import { type Bytes, toHex } from "../../crypto/bytes/index.ts";
import type { Head } from "../../crypto/codec.ts";
import type { Folded } from "./fold.ts";

/** Rows between two places whose T is kept, and the most that are read back at once. */
export const BLOCK = 200;

/** What is kept of the rows before those that are shown, to know them again when they are read back. */
export interface Past {
  /** T of every 200th row. */
  marks: Bytes[];
  /** By row: messages that were refused, or taken before; and how many of their device were missing before others. */
  odd: Map<number, "refused" | "replay" | number>;
  /** By device id in hex: whose it was proven to be. */
  authors: Map<string, Bytes>;
}

export const startPast = (): Past => ({ marks: [], odd: new Map(), authors: new Map() });

/** Notes a row that was judged. @param place The room's after it. */
export function note(past: Past, { row, effect }: Folded, place: Head): void {
  if (place.seq === (past.marks.length + 1) * BLOCK) past.marks.push(place.hash);
  if (row.kind !== "message") return;
  const { message, verdict } = effect;
  if (verdict !== "valid" || !message) {
    const isReplay = verdict !== "valid" && verdict.void === "replay";
    past.odd.set(row.place, isReplay ? "replay" : "refused");
    return;
  }
  if (message.gap > 0) past.odd.set(row.place, message.gap);
  const device = toHex(message.header.device);
  if (!past.authors.has(device)) past.authors.set(device, message.user);
}
