import type { Bytes } from "../../crypto/bytes/index.ts";

/** Of all parts but the last; hosted Storage takes no other size. */
export const PART = 6 * 1_048_576;

export interface Part {
  /** From 0. */
  number: number;
  /** Its first byte's place in the whole. */
  start: number;
  bytes: Bytes;
}

/**
 * Cuts what comes in pieces of any length into parts, and begins on the next one while the last is being sent.
 *
 * @returns what the pieces' generator returns
 */
export async function* cutParts<End>(
  pieces: AsyncGenerator<Uint8Array, End>,
  total: number,
): AsyncGenerator<Part, End> {
  const cut = parts(pieces, total);
  let next = cut.next();
  for (;;) {
    const step = await next;
    if (step.done) return step.value;
    next = cut.next();
    next.catch(() => {}); // Heard when its turn comes.
    yield step.value;
  }
}

async function* parts<End>(
  pieces: AsyncGenerator<Uint8Array, End>,
  total: number,
): AsyncGenerator<Part, End> {
  let [number, start, filled] = [0, 0, 0];
  let bytes = new Uint8Array(Math.min(PART, total));
  const done = (): Part => {
    const part = { number: number++, start, bytes: bytes.subarray(0, filled) };
    start += filled;
    filled = 0;
    bytes = new Uint8Array(Math.min(PART, Math.max(0, total - start)));
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
        const piece = rest.subarray(0, bytes.length - filled);
        if (piece.length === 0) throw new RangeError("a source has more bytes than it said");
        bytes.set(piece, filled);
        filled += piece.length;
        rest = rest.subarray(piece.length);
        if (filled === PART) yield done();
      }
    }
  } finally {
    // Whoever stops early lets go of the source.
    await pieces.return(undefined as End).catch(() => {});
  }
}
