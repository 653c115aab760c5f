import { once } from "node:events";
import WebSocket from "ws";
import type { Live } from "./realtime-kit.ts";
import { Inbox, joined, within } from "./realtime-wait.ts";
import { addressOf } from "./realtime-wire.ts";

export type Version = "1.0.0" | "2.0.0";

/** Somebody who sends whatever it is, and looks what comes of it. */
export class Attacker {
  readonly #live: Live;
  readonly #version: Version;
  #ws: WebSocket | null = null;
  #onEnd: (code: number) => void = () => {};
  #beat = 0;

  constructor(live: Live, version: Version) {
    this.#live = live;
    this.#version = version;
  }

  /** Sends it, over a new connection where the last one ended. @returns whether this one lives on, or how it ended */
  async throws(data: string | Buffer): Promise<"answered" | number> {
    const ws = this.#ws ?? (await this.#open());
    const ref = `beat-${++this.#beat}`;
    const ended = new Promise<number>((resolve) => {
      this.#onEnd = resolve;
    });
    const answered = new Promise<"answered">((resolve) => {
      const look = (frame: Buffer) => {
        if (!frame.includes(`"${ref}"`)) return;
        ws.off("message", look);
        resolve("answered");
      };
      ws.on("message", look);
    });
    ws.send(data);
    ws.send(frameOf(this.#version, ref, "phoenix", "heartbeat", {}));
    const outcome = await within(Promise.race([answered, ended]), `an answer or an end after ${brief(data)}`);
    if (outcome !== "answered") this.#ws = null;
    return outcome;
  }

  close(): void {
    this.#ws?.terminate();
    this.#ws = null;
  }

  async #open(): Promise<WebSocket> {
    const { PUBLISHABLE_KEY } = this.#live.stack.env;
    const ws = new WebSocket(addressOf(this.#live, `apikey=${PUBLISHABLE_KEY}&vsn=${this.#version}`));
    ws.on("error", () => {});
    ws.on("close", (code) => this.#onEnd(code));
    await within(once(ws, "open"), "the attacker's connection");
    this.#ws = ws;
    return ws;
  }
}

const brief = (data: string | Buffer) => data.slice(0, 80).toString();

/** A text frame of either serializer. */
export function frameOf(
  version: Version,
  ref: unknown,
  topic: unknown,
  event: unknown,
  payload: unknown,
): string {
  return version === "1.0.0"
    ? JSON.stringify({ topic, event, payload, ref, join_ref: ref })
    : JSON.stringify([ref, ref, topic, event, payload]);
}

/** Two who talk to each other all the while. */
export class Bystanders {
  readonly #heard = new Inbox<number>();
  #isTalking = true;
  #said = 0;
  readonly #talk: Promise<void>;

  static async start(live: Live): Promise<Bystanders> {
    const heard = new Inbox<number>();
    const bens = (await live.client()).channel("calm");
    bens.on("broadcast", { event: "n" }, ({ payload }) => heard.put(payload.n));
    await joined(bens);
    const config = { broadcast: { ack: true } };
    const adas = await joined((await live.client()).channel("calm", { config }));
    const say = (n: number) => adas.send({ type: "broadcast", event: "n", payload: { n } });
    return new Bystanders(heard, say);
  }

  private constructor(heard: Inbox<number>, say: (n: number) => Promise<string>) {
    this.#heard = heard;
    this.#talk = (async () => {
      while (this.#isTalking) {
        const outcome = await say(this.#said++);
        if (outcome !== "ok")
          throw new Error(`a bystander's message ${this.#said} was answered with ${outcome}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    this.#talk.catch(() => {});
  }

  /** @returns what was said and what was heard; the same, where nobody was troubled */
  async stop(): Promise<[said: number[], heard: number[]]> {
    this.#isTalking = false;
    await this.#talk;
    await this.#heard.takeMany(this.#said);
    return [Array.from({ length: this.#said }, (_, n) => n), this.#heard.all];
  }
}
