import { type Bytes, equal, fromBase64url, toBase64url } from "../../crypto/bytes/index.ts";
import { createFileHash } from "../../crypto/file/hash.ts";
import type { Suite } from "../../crypto/suite/index.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { real } from "../../retry/around.ts";
import { backoff } from "../../retry/backoff.ts";
import { isPassing } from "../../retry/passing.ts";
import { either } from "../../transport/fetch.ts";
import type { Door } from "../door.ts";
import type { Progress } from "../types.ts";
import type { Content } from "./content.ts";
import type { Hold } from "./hold.ts";
import { cutParts, PART, type Part } from "./parts.ts";
import { append, begin, offsetOf, type Target } from "./resumable.ts";

/** What of an upload outlives its page. */
export interface Trail {
  /** Where it is sent to, by TUS, below Storage; null before it is begun. */
  url: string | null;
  /** Hash of each part, base64url, kept before the part is sent. */
  parts: string[];
}

export interface Job {
  suite: Suite;
  door: Door;
  target: Target;
  content: Content;
  trail: Trail;
  /** Keeps the trail on the device. */
  keep(): Promise<void>;
  hold: Hold;
  signal: AbortSignal;
  onProgress(progress: Progress): void;
  action: string;
}

/** Tries of one part in a row that bring nothing, before the upload fails; it can be resumed then. */
export const MOST_TRIES = 12;

/** The server has let go of parts that it had: the whole is sent anew, under the same key and salt. */
class LostUpload extends TrackItError {}

/** Begun anew that often. */
const MOST_LOST = 3;

/** Sends a whole content, from where it stopped before. @returns what the content was */
export async function sendContent(job: Job): Promise<{ size: number; hash: Bytes }> {
  for (let lost = 1; ; lost++) {
    try {
      return await sendParts(job);
    } catch (error) {
      if (!(error instanceof LostUpload) || lost >= MOST_LOST) throw error;
      job.trail.url = null;
      await job.keep();
    }
  }
}

async function sendParts(job: Job): Promise<{ size: number; hash: Bytes }> {
  const { content, signal } = job;
  const parts = cutParts(content.pieces(signal), content.total);
  const line = new Line(job);
  for (;;) {
    const step = await parts.next();
    if (step.done) return step.value;
    try {
      await remember(job, step.value);
      await line.send(step.value);
    } catch (error) {
      await parts.return(undefined as never).catch(() => {});
      throw error;
    }
  }
}

/**
 * A part's hash is kept before anybody can see the part. Under one key and salt the same part may be sent twice, but
 * never another one in its place: with both, the server would have the difference of their contents.
 */
async function remember({ suite, trail, keep, action }: Job, { number, bytes }: Part): Promise<void> {
  // By the megabyte: what WebCrypto hashes at once it copies at once.
  const digest = createFileHash(suite);
  await digest.push(bytes);
  const hash = await digest.done();
  const known = trail.parts[number];
  if (known === undefined) {
    trail.parts.push(toBase64url(hash));
    return keep();
  }
  if (!equal(fromBase64url(known), hash))
    throw new TrackItError("FILE_CHANGED", `${action}: the source is not what it was when its upload began`, {
      hint: "Send it from the beginning",
    });
}

const lost = (action: string): LostUpload =>
  new LostUpload("NETWORK_SERVER", `${action}: the server has lost a part that it had`);

const passing = (cause: Error, action: string): TrackItError =>
  new TrackItError("NETWORK_SERVER", `${action}: ${cause.message}`, { cause });

class Line {
  readonly #job: Job;
  /** Bytes that the server has; null before it was asked. */
  #offset: number | null = null;
  /** The most that it has told of. */
  #furthest = 0;
  /** Whether this device may have sent it before, and lost the answer. */
  #maybeThere: boolean;
  #isThere = false;

  constructor(job: Job) {
    this.#job = job;
    this.#maybeThere = job.trail.parts.length > 0;
  }

  async send(part: Part): Promise<void> {
    const { content, signal, hold, action } = this.#job;
    for (let tries = 1; ; tries++) {
      await hold.passed(signal, action);
      const before = this.#furthest;
      const cut = hold.signal;
      const given = either(signal, cut);
      try {
        if (content.total <= PART && this.#job.trail.url === null) await this.#whole(part, given);
        else await this.#append(part, given);
        return;
      } catch (error) {
        if (error instanceof LostUpload) throw error;
        // It may be open again by now: what counts is whether this try was cut off.
        if (cut.aborted && !signal.aborted) {
          tries = 0;
        } else {
          if (!isPassing(error) || tries >= MOST_TRIES) throw error;
          if (this.#furthest > before) tries = 1;
          await real.wait(backoff(tries, Math.random), given);
        }
        this.#maybeThere = true;
        this.#offset = null;
      }
    }
  }

  /** In one request: for what is one part anyhow. */
  async #whole({ bytes }: Part, signal: AbortSignal): Promise<void> {
    const { door, target, action, content, onProgress } = this.#job;
    const url = door.url(`object/${target.bucket}/${target.path}`);
    // What lies in no cache is given out for as long as it may be read, and no longer.
    const headers = { "content-type": target.type, "x-upsert": "false", "cache-control": "no-store" };
    const onBytes = (done: number): void => onProgress({ done, total: content.total });
    try {
      await door.send(url, { method: "POST", headers, body: bytes, signal, onBytes }, action);
    } catch (error) {
      // An answer was lost: it is there already. Where this device has sent nothing, it is another one's, under its key.
      if (!this.#maybeThere || !isTrackItError(error, "CONFLICT_ID")) throw error;
    }
    onBytes(content.total);
  }

  async #append({ start, bytes }: Part, signal: AbortSignal): Promise<void> {
    const { door, action, content, onProgress } = this.#job;
    const end = start + bytes.length;
    for (;;) {
      const url = await this.#begun(signal);
      if (url === null) return onProgress({ done: end, total: content.total });
      this.#offset ??= await offsetOf(door, url, action, signal);
      const offset = this.#offset;
      if (offset === null || offset < start) throw lost(action);
      this.#furthest = Math.max(this.#furthest, offset);
      onProgress({ done: offset, total: content.total });
      if (offset >= end) return;
      const onBytes = (sent: number): void => onProgress({ done: offset + sent, total: content.total });
      const rest = { offset, bytes: bytes.subarray(offset - start), onBytes };
      this.#offset = await append(door, url, rest, action, signal).catch((error: unknown) => {
        if (isTrackItError(error, "ACCESS_NOT_FOUND")) throw lost(action);
        // The server has another offset than it told: it is asked again.
        if (isTrackItError(error, "CONFLICT_ID")) throw passing(error, action);
        throw error;
      });
    }
  }

  /** Null where the whole is there already, though its upload is not any more. */
  async #begun(signal: AbortSignal): Promise<string | null> {
    const { door, target, trail, keep, action } = this.#job;
    if (trail.url) return trail.url;
    if (this.#isThere) return null;
    try {
      trail.url = await begin(door, target, action, signal);
    } catch (error) {
      const isSent = trail.parts.length * PART >= target.total;
      if (!isSent || !isTrackItError(error, "CONFLICT_ID")) throw error;
      this.#isThere = true;
      return null;
    }
    this.#offset = 0;
    await keep();
    return trail.url;
  }
}
