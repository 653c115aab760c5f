import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { requestHeaders } from "./headers.ts";
import type { Lease } from "./runner.ts";

const statusLines = {
  NOT_FOUND: "404 Not Found",
  INVALID_JWT: "401 Unauthorized",
  BOOT_ERROR: "503 Service Unavailable",
} as const;

/** Refuses an upgrade; nothing has been answered yet. */
export function refuseUpgrade(socket: Duplex, code: keyof typeof statusLines): void {
  const body = JSON.stringify({ code });
  const head = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${statusLines[code]}\r\n${head}\r\n\r\n${body}`);
}

/**
 * Joins a caller's socket with a function's: what an upgraded connection (WebSocket) says is theirs alone. Both ends
 * close together, at the latest when the wall-clock limit is reached.
 * @returns resolves when it is over
 */
export function joinSockets(
  req: IncomingMessage,
  caller: Duplex,
  head: Buffer,
  { worker, declared }: Lease,
  path: string,
): Promise<void> {
  return new Promise((resolve) => {
    const inner = net.connect(worker.socket);
    const end = () => {
      clearTimeout(limit);
      inner.destroy();
      caller.destroy();
      resolve();
    };
    const limit = setTimeout(end, declared.limits.wallClockSeconds * 1000);
    if (caller.destroyed) return end();
    for (const socket of [inner, caller]) for (const event of ["error", "close"]) socket.on(event, end);
    const id = req.headers["x-request-id"];
    const requestId = typeof id === "string" && /^[\w.-]{8,100}$/.test(id) ? id : crypto.randomUUID();
    const ip = req.socket.remoteAddress ?? "";
    const headers = {
      ...requestHeaders(req, requestId, ip),
      connection: "Upgrade",
      upgrade: req.headers.upgrade,
    };
    inner.write(`GET ${path} HTTP/1.1\r\n${lines(headers)}\r\n`);
    inner.write(head);
    inner.pipe(caller);
    caller.pipe(inner);
  });
}

const lines = (headers: OutgoingHttpHeaders) =>
  Object.entries(headers)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${one}\r\n`))
    .join("");
