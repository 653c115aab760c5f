import { type Bytes, equal } from "../bytes/index.ts";
import type { Head } from "../codec.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";

/**
 * The one history of a room: log entries, commits and messages under one numbering, each T made of the one before and
 * of a row's hash. A value: adding a row gives another.
 *
 * @see docs/protocol.md §13.3
 */
export interface Transcript {
  /** Number and T of the last row. */
  place: Head;
  /** T of `place.seq`, of the one before, and so on back to what was forgotten. Shared between values: never write. */
  history: Bytes[];
  /** Number of the first T in `history`. */
  from: number;
}

/** @param at Where to begin, if not before the first row. */
export async function startTranscript(suite: Suite, room: Uint8Array, at?: Head): Promise<Transcript> {
  const place = at ?? { seq: 0, hash: await suite.hash(TAGS.transcriptStart, room) };
  return { place, history: [place.hash], from: place.seq };
}

/** T_n of T_{n−1} and a row's hash. */
export const nextT = (suite: Suite, before: Uint8Array, objectHash: Uint8Array): Promise<Bytes> =>
  suite.hash(TAGS.transcript, before, objectHash);

/** One step of the transcript: what it was made of, and what came of it. */
export interface TranscriptStep {
  before: Bytes;
  objectHash: Bytes;
  after: Bytes;
}

/**
 * The transcript with one row more.
 *
 * @param known The same step, where it was made before; of anything else it is not taken.
 */
export async function addRow(
  suite: Suite,
  one: Transcript,
  objectHash: Uint8Array,
  known?: TranscriptStep | null,
): Promise<Transcript> {
  const isSame = known && equal(known.before, one.place.hash) && equal(known.objectHash, objectHash);
  const hash = isSame ? known.after : await nextT(suite, one.place.hash, objectHash);
  const seq = one.place.seq + 1;
  // A list that nobody has gone on from is gone on with; a thousand rows would otherwise be copied a thousand times.
  const length = seq - one.from;
  const history = one.history.length === length ? one.history : one.history.slice(0, length);
  history.push(hash);
  return { place: { seq, hash }, history, from: one.from };
}

/** Whether that place is on it. False for places that were forgotten. */
export function isOnTranscript(one: Transcript, { seq, hash }: Head): boolean {
  const known = seq <= one.place.seq ? one.history[seq - one.from] : undefined;
  return known !== undefined && equal(known, hash);
}

/** The transcript without what is before the row of that number. */
export function forgetRows(one: Transcript, seq: number): Transcript {
  const from = Math.max(one.from, Math.min(seq, one.place.seq));
  return { ...one, history: one.history.slice(from - one.from, one.place.seq - one.from + 1), from };
}
