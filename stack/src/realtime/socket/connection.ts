import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
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

/** Close codes of RFC 6455: the server fails, as Phoenix's does on such a frame; the client asks for too much. */
const failed = 1011;
const tryLater = 1013;

/** One client's WebSocket. `ws` reads it and keeps its protocol; frames go out past it, ready made. */
export class Connection {
  readonly identity: Identity;
  readonly version: Version;
  readonly channels = new Map<string, Channel>();
  readonly joins = new Rate(1);
  closed = false;
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
    this.#lanes = new Lanes((error) => {
      if (!(error instanceof MalformedFrameError)) onFailure(error);
      this.#fail();
    });
  }

  /** Starts to read; each frame is handled after the ones of its topic that came before it. */
  listen(handle: (message: Incoming) => void | Promise<void>, onClose: () => void): void {
    this.#ws.on("message", (data, isBinary) => {
      this.heardAt = Date.now();
      try {
        const message = this.#read(data, isBinary);
        if (!this.#lanes.run(message.topic, () => (this.closed ? undefined : handle(message)))) {
          this.#ws.close(tryLater);
        }
      } catch {
        this.#fail();
      }
    });
    this.#ws.on("error", () => {});
    this.#ws.on("close", () => {
      this.closed = true;
      for (const channel of [...this.channels.values()]) channel.drop();
      onClose();
    });
  }

  send(message: Outgoing): void {
    this.#sender.send(frame(writeText(this.version, message)));
  }

  sendFanOut(message: FanOut): void {
    const bytes = message.for(this.version);
    if (bytes) this.#sender.send(bytes);
  }

  /** What was said goes out, then the connection ends. */
  end(code = 1000): void {
    this.#sender.flush();
    this.#ws.close(code);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #read(data: RawData, isBinary: boolean): Incoming {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    if (!isBinary) return readText(this.version, bytes.toString("utf8"));
    if (this.version === "1.0.0") throw new MalformedFrameError("this serializer has no binary frames");
    return readPush(bytes);
  }

  #fail(): void {
    this.end(failed);
  }
}
