import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Identity } from "../access/identity.ts";
import type { Channel } from "../channel/channel.ts";
import { Rate } from "../limits/rate.ts";
import { readPush } from "../wire/binary.ts";
import type { FanOut } from "../wire/fan-out.ts";
import { type Incoming, MalformedFrameError, type Outgoing, type Version } from "../wire/message.ts";
import { readText, writeText } from "../wire/text.ts";
import { frame } from "../wire/websocket-frame.ts";
import type { Handshake } from "./handshake.ts";
import { Lanes } from "./lanes.ts";
import { Sender } from "./sender.ts";

/** Close code of RFC 6455: the server fails, as Phoenix's does on a frame that it cannot read. */
const failed = 1011;

/** One client's WebSocket. `ws` reads it and keeps its protocol; frames go out past it, ready made. */
export class Connection {
  readonly identity: Identity;
  readonly version: Version;
  readonly channels = new Map<string, Channel>();
  readonly joins = new Rate(1);
  closed = false;
  #ending = false;
  /** When something last came in, in milliseconds. */
  heardAt = Date.now();
  readonly #ws: WebSocket;
  readonly #sender: Sender;
  readonly #lanes: Lanes;

  constructor(
    ws: WebSocket,
    socket: Duplex,
    { identity, version }: Handshake,
    onFailure: (error: unknown) => void,
  ) {
    this.identity = identity;
    this.version = version;
    this.#ws = ws;
    this.#sender = new Sender(socket, () => ws.terminate());
    this.#lanes = new Lanes(
      (error) => {
        if (!(error instanceof MalformedFrameError)) onFailure(error);
        this.end(failed);
      },
      // Whoever sends faster than it is done waits at the socket, where nothing is held for them.
      (isFull) => (isFull ? ws.pause() : ws.resume()),
    );
  }

  /** Starts to read; each frame is handled after the ones of its topic that came before it. */
  listen(handle: (message: Incoming) => void | Promise<void>, onClose: () => void): void {
    this.#ws.on("message", (data, isBinary) => {
      this.heardAt = Date.now();
      if (this.#ending) return;
      const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
      try {
        const message = this.#read(bytes, isBinary);
        const isOver = () => this.closed || this.#ending;
        this.#lanes.run(message.topic, () => (isOver() ? undefined : handle(message)), bytes.length);
      } catch {
        this.end(failed);
      }
    });
    this.#ws.on("error", () => {});
    this.#ws.on("close", () => {
      this.closed = true;
      this.#dropChannels();
      onClose();
    });
  }

  send(message: Outgoing): void {
    if (this.#ending) return;
    this.#sender.send(frame(writeText(this.version, message)));
  }

  sendFanOut(message: FanOut): void {
    const bytes = this.#ending ? null : message.for(this.version);
    if (bytes) this.#sender.send(bytes);
  }

  /** What was said goes out, then the connection ends; nothing that still comes in is looked at. */
  end(code = 1000): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#sender.flush();
    this.#ws.close(code);
    this.#dropChannels();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #read(bytes: Buffer, isBinary: boolean): Incoming {
    if (!isBinary) return readText(this.version, bytes.toString("utf8"));
    if (this.version === "1.0.0") throw new MalformedFrameError("this serializer has no binary frames");
    return readPush(bytes);
  }

  #dropChannels(): void {
    for (const channel of [...this.channels.values()]) channel.drop();
  }
}
