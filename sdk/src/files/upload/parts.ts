import type { Bytes } from "../../crypto/bytes/index.ts";
import { TrackItError } from "../../errors.ts";

/** Of all parts but the last; hosted Storage takes no other size. */
export const PART = 6 * 1_048_576;

export interface Part {
  /** From 0. */
  number: number;
  /** Its first byte's place in the whole. */
  start: number;
  /** Good until the part after it is asked for: two buffers take turns, however long the whole is. */
  bytes: Bytes;
}

/**
 * Cuts what comes in pieces of any length into parts, and begins on the next one while the last is being sent.
 *
 * @returns what the pieces' generator returns
 * @throws FILE_CHANGED where more comes than the total
 */
export async function* cutParts<End>(
  pieces: AsyncGenerator<Uint8Array, End>,
  total: number,
): AsyncGenerator<Part, End> {
  const cut = parts(pieces, total);
  let next = cut.next();
  try {
    for (;;) {
      const step = await next;
      if (step.done) return step.value;
      next = cut.next();
      next.catch(() => {}); // Heard when its turn comes.
      yield step.value;
    }
  } finally {
    // Whoever stops early lets go of the source, and does not wait for one that gives nothing.
    cut.return(undefined as End).catch(() => {});
  }
}

async function* parts<End>(
  pieces: AsyncGenerator<Uint8Array, End>,
  total: number,
): AsyncGenerator<Part, End> {
  let [number, start, filled] = [0, 0, 0];
  let bytes = new Uint8Array(Math.min(PART, total));
  let other = new Uint8Array(Math.max(0, Math.min(PART, total - PART)));
  const done = (): Part => {
    const part = { number: number++, start, bytes: bytes.subarray(0, filled) };
    start += filled;
    filled = 0;
    [bytes, other] = [other, bytes];
    return part;
  };
  try {
    for (;;) {
      const step = await pieces.next();
      if (step.done) {
        if (filled > 0 || number === 0) yield done();
        return step.value;
      }
      for (let rest = step.value; rest.length > 0; ) {
        const piece = rest.subarray(0, Math.min(PART, total - start) - filled);
        if (piece.length === 0)
          throw new TrackItError("FILE_CHANGED", `files.upload: the source has more bytes than it said`, {
            hint: "Send it from the beginning",
          });
        bytes.set(piece, filled);
        filled += piece.length;
        rest = rest.subarray(piece.length);
        if (filled === PART) yield done();
      }
    }
  } finally {
    await pieces.return(undefined as End).catch(() => {});
  }
}
