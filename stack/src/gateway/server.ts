import http from "node:http";
import type { Duplex } from "node:stream";
import type { Log } from "../part.ts";
import { PortBusyError } from "./errors.ts";

/** Request line and headers together; long `in.(…)` filters fit, and hosted cuts at about the same size. */
const maxHeaderSize = 32 * 1024;

/** A request's headers must be whole within this time, or the socket is closed. */
const headersTimeout = 15_000;

/** And its body within this one; resumable uploads split what would take longer. */
const requestTimeout = 300_000;

/** Above the 60 s of common proxies, so that it is never us who closes first under a proxied request. */
const keepAliveTimeout = 65_000;

/** What an answer under way is given at close before its socket is cut. */
const closeGrace = 5_000;
const sweepInterval = 20;

/** An HTTP server that survives what it is sent: malformed requests get a status line and lose their socket. */
export function createServer(log: Log): http.Server {
  const server = http.createServer({
    maxHeaderSize,
    headersTimeout,
    requestTimeout,
    keepAliveTimeout,
    connectionsCheckingInterval: 5_000,
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    log.debug("malformed request", { code: error.code });
    refuseMalformed(error.code, socket);
  });
  // A connection that cannot be accepted, for want of a file handle, must not end the stack.
  server.on("error", (error) => {
    if (server.listening) log.error("gateway.server_error", { reason: String(error) });
  });
  return server;
}

const statusLines: Record<string, string> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Payload Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

function refuseMalformed(code: string | undefined, socket: Duplex): void {
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusLines[code ?? ""] ?? "400 Bad Request";
  const body = JSON.stringify({ message: status.slice(4) });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** @throws PortBusyError */
export function listen(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new PortBusyError(host, port, error) : error);
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      resolve();
    });
  });
}

/** Stops accepting, lets answers under way finish, then cuts what is left. */
export function closeServer(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), closeGrace);
    // A connection that was busy at first is idle once it has been answered, and would be kept alive.
    const sweep = setInterval(() => server.closeIdleConnections(), sweepInterval);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
