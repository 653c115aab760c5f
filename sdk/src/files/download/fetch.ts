import { openFailed } from "../../crypto/bytes/index.ts";
import { readStream } from "../../crypto/chunked/source.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { fromNetwork, throwIfAborted } from "../../failure/network.ts";
import { real } from "../../retry/around.ts";
import { backoff } from "../../retry/backoff.ts";
import { isPassing } from "../../retry/passing.ts";
import { SILENCE_MS } from "../door.ts";
import { Silence } from "../silence.ts";
import type { Progress } from "../types.ts";

/** Asks for bytes from `from` to `to` (exclusive) of what lies there. */
export type Ask = (range: { from: number; to: number }, signal: AbortSignal) => Promise<Response>;

export interface Wanted {
  from: number;
  /** Exclusive. */
  to: number;
  /** How long the whole is; what is told to be of another length is refused. */
  total: number;
  /** What is said where it is not: sealed files say no more than that they do not open. */
  sealed: boolean;
  signal: AbortSignal;
  onProgress?: ((progress: Progress) => void) | undefined;
  action: string;
}

/** Tries in a row that bring no byte. */
const MOST_TRIES = 8;

/**
 * The bytes of a range, from as many answers as it takes: what has come is not asked for again. Each piece is good until
 * the next is asked for.
 */
export async function* fetchBytes(ask: Ask, wanted: Wanted): AsyncGenerator<Uint8Array, void> {
  const { to, total, signal, onProgress, action } = wanted;
  let at = wanted.from;
  for (let tries = 1; at < to; tries++) {
    const before = at;
    const silence = new Silence(signal, SILENCE_MS);
    try {
      const answer = await ask({ from: at, to }, silence.signal);
      for await (const bytes of bodyOf(answer, { ...wanted, from: at }, silence)) {
        throwIfAborted(signal, action);
        at += bytes.length;
        yield bytes;
        onProgress?.({ done: at - wanted.from, total: to - wanted.from });
      }
      if (at < to)
        throw new TrackItError("NETWORK_OFFLINE", `${action}: the answer ended ${to - at} bytes early`);
    } catch (error) {
      const failure = failureOf(error, silence, wanted);
      if (signal.aborted || !isPassing(failure)) throw failure;
      if (at > before) tries = 1;
      if (tries >= MOST_TRIES) throw failure;
      await real.wait(backoff(tries, Math.random), signal);
    } finally {
      silence.end();
    }
  }
  if (total === 0 || wanted.from === to) onProgress?.({ done: 0, total: 0 });
}

/** What an answer says of its place in the whole. Pages of another origin are not told it, without the server's leave. */
function placeOf(
  { status, headers }: Response,
  from: number,
  total: number,
): { from: number; total: number } {
  if (status === 200) {
    const length = headers.get("content-encoding") ? null : headers.get("content-length");
    return { from: 0, total: Number(length ?? total) };
  }
  const [, first, whole] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  return { from: Number(first ?? from), total: Number(whole ?? total) };
}

/** A request that silence has ended was not ended by whoever asked. */
function failureOf(error: unknown, silence: Silence, { signal, action, sealed, total }: Wanted): Error {
  if (silence.isOver) return fromNetwork(silence.signal.reason, action, signal);
  // No such range: there are fewer bytes than there should be.
  if (isTrackItError(error) && error.status === 416)
    return sealed
      ? openFailed()
      : new TrackItError("FILE_CHANGED", `${action}: fewer than ${total} bytes are there`);
  return isTrackItError(error) ? error : fromNetwork(error, action, signal);
}

/** An answer's bytes, once it is the answer to what was asked. */
async function* bodyOf(
  answer: Response,
  { from, to, total, sealed, action }: Wanted,
  silence: Silence,
): AsyncGenerator<Uint8Array, void> {
  const isWhole = answer.status === 200;
  const told = placeOf(answer, from, total);
  if (told.total !== total || (told.from !== from && !isWhole)) {
    await answer.body?.cancel().catch(() => {});
    if (sealed) throw openFailed();
    const had = `byte ${told.from} of ${told.total}`;
    throw new TrackItError("FILE_CHANGED", `${action}: the server gave ${had}, for ${from} of ${total}`);
  }
  const reader = answer.body && readStream(answer.body);
  // A server may answer a range with the whole.
  let skip = isWhole ? from : 0;
  let left = to - from;
  try {
    while (left > 0 && reader) {
      silence.broken();
      const { done, value } = await reader.next();
      silence.rest();
      if (done) return;
      const bytes = value.subarray(Math.min(skip, value.length)).subarray(0, left);
      skip -= Math.min(skip, value.length);
      left -= bytes.length;
      if (bytes.length > 0) yield bytes;
    }
  } finally {
    await reader?.stop().catch(() => {});
  }
}
