import { openFailed } from "../../crypto/bytes/index.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { fromNetwork } from "../../failure/network.ts";
import { real } from "../../retry/around.ts";
import { backoff } from "../../retry/backoff.ts";
import { isPassing } from "../../retry/passing.ts";
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
/** A line on which nothing moves for so long is given up, and another one begun. */
const SILENCE_MS = 60_000;

/** The bytes of a range, from as many answers as it takes: what has come is not asked for again. */
export async function* fetchBytes(ask: Ask, wanted: Wanted): AsyncGenerator<Uint8Array, void> {
  const { to, total, signal, onProgress, action } = wanted;
  let at = wanted.from;
  for (let tries = 1; at < to; tries++) {
    const before = at;
    const silence = new Silence(signal);
    try {
      const answer = await ask({ from: at, to }, silence.signal);
      for await (const bytes of bodyOf(answer, { ...wanted, from: at }, silence)) {
        at += bytes.length;
        yield bytes;
        onProgress?.({ done: at - wanted.from, total: to - wanted.from });
      }
      if (at < to)
        throw new TrackItError("NETWORK_OFFLINE", `${action}: the answer ended ${to - at} bytes early`);
    } catch (error) {
      const failure = isTrackItError(error) ? error : fromNetwork(error, action, signal);
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

/** An answer's bytes, once it is the answer to what was asked. */
async function* bodyOf(
  answer: Response,
  { from, to, total, sealed, action }: Wanted,
  silence: Silence,
): AsyncGenerator<Uint8Array, void> {
  const isWhole = answer.status === 200;
  const told = isWhole
    ? Number(answer.headers.get("content-length") ?? total)
    : Number(/\/(\d+)$/.exec(answer.headers.get("content-range") ?? "")?.[1] ?? total);
  if (told !== total) {
    await answer.body?.cancel().catch(() => {});
    if (sealed) throw openFailed();
    throw new TrackItError("FILE_CHANGED", `${action}: the server has ${told} bytes of a file of ${total}`);
  }
  const reader = answer.body?.getReader();
  // A server may answer a range with the whole.
  let skip = isWhole ? from : 0;
  let left = to - from;
  try {
    while (left > 0 && reader) {
      const { done, value } = await silence.broken(reader.read());
      if (done) return;
      const bytes = value.subarray(Math.min(skip, value.length)).subarray(0, left);
      skip -= Math.min(skip, value.length);
      left -= bytes.length;
      if (bytes.length > 0) yield bytes;
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

/** Ends a request on which nothing moves. */
class Silence {
  readonly #given = new AbortController();
  readonly #outer: AbortSignal;
  readonly #abort = (): void => this.#given.abort(this.#outer.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#abort();
    outer.addEventListener("abort", this.#abort, { once: true });
    this.#start();
  }

  get signal(): AbortSignal {
    return this.#given.signal;
  }

  async broken<T>(next: Promise<T>): Promise<T> {
    this.#start();
    return next;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#abort);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#given.abort(new Error("timeout: nothing came")), SILENCE_MS);
  }
}
