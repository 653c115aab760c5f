import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { StackKeys } from "../keys/keys.ts";
import type { Log, Part } from "../part.ts";
import { type AllowedOrigins, answerPreflight, isPreflight, setCors } from "./cors.ts";
import { createDispatch } from "./dispatch.ts";
import { createIdentifier } from "./identify.ts";
import { isUpgradePart } from "./node-part.ts";
import { sendJson } from "./reply.ts";
import { createRoutes, type FindRoute, isPlainPath, logPath } from "./routes.ts";
import { closeServer, createServer, listen } from "./server.ts";
import { createTokenVerifier } from "./tokens.ts";

export interface GatewayOptions {
  /** 0 picks a free one. */
  port: number;
  host?: string;
  keys: StackKeys;
  /** Each part by the prefix that it answers, e.g. `/rest/v1`. Nothing else is reachable. */
  parts: Record<string, Part>;
  log: Log;
  /** The `iss` of user tokens; by default `http://HOST:PORT/auth/v1`. */
  issuer?: string;
  /** Default `*`, as hosted: keys ride in headers, cookies are never used. */
  allowedOrigins?: AllowedOrigins;
}

export interface Gateway {
  port: number;
  close(): Promise<void>;
}

/**
 * Listens on one port for all parts of the stack: recognises keys and tokens, routes by prefix, answers CORS,
 * caps bodies, gives each request an id and writes the access log.
 * @throws PortBusyError
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { keys, log, allowedOrigins = "*" } = options;
  const host = options.host ?? "127.0.0.1";
  const findRoute = createRoutes(options.parts);
  const server = createServer(log);
  await listen(server, host, options.port);
  const { port } = server.address() as AddressInfo;
  const origin = `http://${host}:${port}`;
  const verify = await createTokenVerifier(keys, options.issuer ?? `${origin}/auth/v1`);
  const dispatch = createDispatch({ identifier: createIdentifier(keys, verify), origin });

  server.on("request", (req: IncomingMessage, res: ServerResponse) => {
    const requestId = takeRequestId(req);
    res.setHeader("x-request-id", requestId);
    const path = pathOf(req);
    const route = isPlainPath(path) ? findRoute(path) : null;
    if (!route?.ownCors) {
      if (isPreflight(req)) return answerPreflight(req, res, allowedOrigins);
      setCors(req, res, allowedOrigins);
    }
    logWhenDone(req, res, log, requestId, route ? logPath(path, route.prefix) : "(no route)");
    if (route && !methods.has(req.method ?? "")) return refuseMethod(req, res);
    if (route) return void dispatch(req, res, route, path, { requestId, log });
    if (path === "/health") return sendJson(res, 200, { status: "ok" });
    sendJson(res, 404, { message: "no Route matched with those values", request_id: requestId });
  });
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (req, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    handUpgrade(findRoute, req, socket, head);
  });

  return {
    port,
    close() {
      // They are no requests that end: the server would wait for them without end.
      for (const socket of upgraded) socket.destroy();
      return closeServer(server);
    },
  };
}

/** The methods that any part serves; another would be taken for a read, and TRACE has no web Request. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

function refuseMethod(req: IncomingMessage, res: ServerResponse): void {
  const message = `Unsupported HTTP method: ${req.method}`;
  sendJson(res, 405, { code: "PGRST117", message, details: null, hint: null });
}

/** A caller's own id is kept where it is harmless in logs and headers. */
function takeRequestId(req: IncomingMessage): string {
  const given = req.headers["x-request-id"];
  return typeof given === "string" && /^[\w.-]{8,100}$/.test(given) ? given : randomUUID();
}

function pathOf(req: IncomingMessage): string {
  const url = req.url ?? "/";
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

function logWhenDone(
  req: IncomingMessage,
  res: ServerResponse,
  log: Log,
  requestId: string,
  path: string,
): void {
  const start = performance.now();
  res.on("close", () => {
    const ms = Math.round((performance.now() - start) * 10) / 10;
    const cut = res.writableFinished ? {} : { cut: true };
    log.info("request", { requestId, method: req.method, path, status: res.statusCode, ms, ...cut });
  });
}

function handUpgrade(findRoute: FindRoute, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const path = pathOf(req);
  const route = isPlainPath(path) ? findRoute(path) : null;
  if (route && isUpgradePart(route.part)) route.part.upgrade(req, socket, head);
  else socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
}
