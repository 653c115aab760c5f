import { once } from "node:events";
import WebSocket from "ws";
import { Inbox, within } from "./realtime-wait.ts";

export type Frame = [
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: Answer,
];

export interface Answer {
  status?: string;
  response?: { reason?: string; postgres_changes?: { id: number }[] };
  [key: string]: unknown;
}

/** A stack that is up, whoever started it. */
export interface Reachable {
  stack: { env: { API_URL: string; PUBLISHABLE_KEY: string } };
}

/** A client without a library: what it sends is what a test says, byte for byte. */
export class Wire {
  readonly #ws: WebSocket;
  readonly frames = new Inbox<Frame>();
  readonly binary = new Inbox<Buffer>();
  readonly closed: Promise<number>;
  #ref = 0;

  static async open(live: Reachable, key = live.stack.env.PUBLISHABLE_KEY): Promise<Wire> {
    const wire = new Wire(new WebSocket(addressOf(live, `apikey=${key}&vsn=2.0.0`)));
    await within(once(wire.#ws, "open"), "the connection");
    return wire;
  }

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.binary.put(data);
      else this.frames.put(JSON.parse(data.toString("utf8")));
    });
    ws.on("error", () => {});
    this.closed = new Promise((resolve) => ws.on("close", resolve));
  }

  raw(data: string | Buffer): void {
    this.#ws.send(data);
  }

  /** @returns the ref */
  send(topic: string, event: string, payload: unknown = {}, joinRef: string | null = null): string {
    const ref = String(++this.#ref);
    this.raw(JSON.stringify([joinRef ?? (event === "phx_join" ? ref : null), ref, topic, event, payload]));
    return ref;
  }

  /** Sends, and takes frames up to the reply. */
  async ask(
    topic: string,
    event: string,
    payload: unknown = {},
    joinRef: string | null = null,
  ): Promise<Answer> {
    const ref = this.send(topic, event, payload, joinRef);
    for (;;) {
      const frame = await this.frames.take(`a reply to ${event}`);
      if (frame[1] === ref && frame[3] === "phx_reply") return frame[4];
    }
  }

  async next(event: string): Promise<Frame> {
    for (;;) {
      const frame = await this.frames.take(event);
      if (frame[3] === event) return frame;
    }
  }

  /** Reads nothing more, as a client whose machine sleeps. */
  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close(): void {
    this.#ws.terminate();
  }
}

export const addressOf = (live: Reachable, query: string): string =>
  `${live.stack.env.API_URL.replace("http", "ws")}/realtime/v1/websocket?${query}`;
