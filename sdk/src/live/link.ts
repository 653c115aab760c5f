import type { TrackItError } from "../errors.ts";
import type { Surroundings } from "../retry/around.ts";
import { backoff } from "../retry/backoff.ts";
import { isPassing } from "../retry/passing.ts";
import type { ChannelHandlers, OpenChannel } from "../transport/realtime.ts";

export interface LinkParts {
  around: Surroundings;
  /** Where to listen now; throws when the user may not any more, or nobody answers. */
  topic(): Promise<string>;
  open(topic: string, handlers: ChannelHandlers): OpenChannel;
  joined(channel: OpenChannel): void;
  lost(): void;
  broadcast?(event: string, payload: unknown): void;
  presence?: ChannelHandlers["presence"];
  /** It is over, and trying again would not help. */
  failed(error: TrackItError): void;
}

type End = "moved" | "lost" | "stopped";

/** Keeps one channel joined: after a loss anew, later and later, and wherever the topic moves to. */
export class Link {
  readonly #parts: LinkParts;
  readonly #stopped = new AbortController();
  #hurry = new AbortController();
  #end: ((how: End) => void) | null = null;
  /** Where it is or was last. */
  topic: string | null = null;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#stopped.signal.addEventListener("abort", () => this.#end?.("stopped"));
    void this.#run();
  }

  /** The topic has moved: asks where to, and goes there. */
  move(): void {
    this.#end?.("moved");
    this.wake();
  }

  /** There is a reason to hope: tries now. */
  wake(): void {
    this.#hurry.abort();
  }

  stop(): void {
    this.#stopped.abort();
    this.#hurry.abort();
  }

  async #run(): Promise<void> {
    const { around } = this.#parts;
    for (let tries = 0; !this.#stopped.signal.aborted; ) {
      this.#hurry = new AbortController();
      const how = await this.#once(() => {
        tries = 0;
      });
      if (how === "stopped") return;
      if (how === "moved") continue;
      this.#parts.lost();
      tries += 1;
      await around.wait(backoff(tries, around.random), this.#hurry.signal);
    }
  }

  /** Joins, stays as long as it lasts, and says how it ended. */
  async #once(joined: () => void): Promise<End> {
    try {
      const topic = await this.#parts.topic();
      if (this.#stopped.signal.aborted) return "stopped";
      this.topic = topic;
    } catch (error) {
      if (!isPassing(error) && !this.#stopped.signal.aborted) {
        this.stop();
        this.#parts.failed(error as TrackItError);
      }
      return this.#stopped.signal.aborted ? "stopped" : "lost";
    }
    const { broadcast, presence } = this.#parts;
    return new Promise<End>((resolve) => {
      const channel = this.#parts.open(this.topic ?? "", {
        joined: () => {
          joined();
          this.#parts.joined(channel);
        },
        lost: () => this.#end?.("lost"),
        ...(broadcast ? { broadcast } : {}),
        ...(presence ? { presence } : {}),
      });
      this.#end = (how) => {
        this.#end = null;
        channel.leave();
        resolve(how);
      };
    });
  }
}
