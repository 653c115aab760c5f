import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { describeError } from "../../gateway/errors.ts";
import type { Services } from "../services.ts";
import { Connection } from "./connection.ts";
import { refuse, shakeHands } from "./handshake.ts";
import { route } from "./route.ts";

/** Bytes of a frame from a client. */
const maxFrame = 5_000_000;
/** Every open WebSocket. */
export class Connections {
  readonly #services: Services;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrame,
    perMessageDeflate: false,
    clientTracking: false,
    skipUTF8Validation: false,
  });
  readonly #open = new Set<Connection>();
  readonly #sweep: NodeJS.Timeout;
  #closed = false;

  constructor(services: Services) {
    this.#services = services;
    this.#sweep = setInterval(() => this.#endSilent(), services.config.silence_ms / 4).unref();
  }

  get size(): number {
    return this.#open.size;
  }

  async upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until `ws` takes over, nobody else listens.
    socket.on("error", ignore);
    const { identities, config, log } = this.#services;
    const hands = await shakeHands(req, identities, config.max_header_length).catch((error) => {
      log.error("realtime.handshake", describeError(error));
      return { status: 500 as const, error: "Internal Server Error" };
    });
    if ("error" in hands) return refuse(socket, hands);
    if (this.#closed) return refuse(socket, { status: 500, error: "Realtime is restarting, please standby" });
    if (this.#open.size >= config.max_concurrent_users) {
      return refuse(socket, { status: 429, error: "Too many connected users" });
    }
    this.#server.handleUpgrade(req, socket, head, (ws) => {
      socket.off("error", ignore);
      const connection = new Connection(ws, socket, hands, (error) =>
        log.error("realtime.frame", describeError(error)),
      );
      this.#open.add(connection);
      connection.listen(
        (message) => route(connection, message, this.#services),
        () => this.#open.delete(connection),
      );
    });
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const connection of this.#open) connection.terminate();
  }

  /** Clients say something every 25 s; a connection whose other end is gone without a word is half open. */
  #endSilent(): void {
    const limit = Date.now() - this.#services.config.silence_ms;
    for (const connection of this.#open) if (connection.heardAt < limit) connection.terminate();
  }
}

const ignore = () => {};
