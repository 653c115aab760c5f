import type { TrackItError } from "../errors.ts";
import type { Surroundings } from "../retry/around.ts";
import { backoff } from "../retry/backoff.ts";
import { isPassing } from "../retry/passing.ts";
import { clocks } from "./clocks.ts";
import type { Stream } from "./stream.ts";

export interface KeepUpParts {
  around: Surroundings;
  stream: Stream;
  /** Asks for the head, and acts on what has changed. */
  compare(): Promise<void>;
  failed(error: TrackItError): void;
  over: AbortSignal;
}

/** Sees to it that nothing stays missing: reads gaps until they are closed, and looks for those that cannot be seen. */
export class KeepUp {
  readonly #parts: KeepUpParts;
  #catching: Promise<void> | null = null;
  #more = false;
  #comparing: Promise<void> | null = null;
  #hurry = new AbortController();

  constructor(parts: KeepUpParts) {
    this.#parts = parts;
    parts.over.addEventListener("abort", () => this.#hurry.abort());
    void this.#compareAgainAndAgain();
  }

  /** Reads what is missing, and tries until it has it. */
  catchUp(): void {
    this.#more = true;
    this.#catching ??= this.#catchUpUntilDone().finally(() => {
      this.#catching = null;
    });
  }

  /** Compares heads: a last event that was lost leaves no gap to be seen, and a topic that moved may say nothing. */
  compare(): Promise<void> {
    this.#hurry.abort();
    this.#comparing ??= this.#compare().finally(() => {
      this.#comparing = null;
    });
    return this.#comparing;
  }

  async #catchUpUntilDone(): Promise<void> {
    const { around, stream, over, failed } = this.#parts;
    for (let tries = 1; this.#more && !over.aborted; tries++) {
      this.#more = false;
      try {
        await stream.catchUp();
        tries = 0;
      } catch (error) {
        if (over.aborted) return;
        if (!isPassing(error)) return failed(error as TrackItError);
        this.#more = true;
        await around.wait(backoff(tries, around.random), over);
      }
    }
  }

  async #compareAgainAndAgain(): Promise<void> {
    const { around, over } = this.#parts;
    while (!over.aborted) {
      await around.wait(clocks.headCheck * (2 / 3 + (around.random() * 2) / 3), over);
      if (!over.aborted) await this.compare();
    }
  }

  async #compare(): Promise<void> {
    const { around, compare, over, failed } = this.#parts;
    for (let tries = 1; !over.aborted; tries++) {
      try {
        return await compare();
      } catch (error) {
        if (over.aborted) return;
        if (!isPassing(error)) return failed(error as TrackItError);
        // Not for the link to do: its connection may have died without a sign.
        this.#hurry = new AbortController();
        await around.wait(backoff(tries, around.random), this.#hurry.signal);
      }
    }
  }
}
