import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Listener, listenLocally } from "../listener.ts";
import type { Log } from "../part.ts";
import { failure, type Reply, type Route } from "./reply.ts";

/** The largest request body accepted, in bytes: a list of 500 ids is below 20 kB. */
const maxBody = 256 * 1024;

const always = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/**
 * Serves `routes` on 127.0.0.1, and `stream` (server-sent events) at `/api/events`.
 * @param port 0 for any free port
 * @throws EADDRINUSE when the port is taken
 */
export async function listenHttp(
  port: number,
  routes: readonly Route[],
  stream: (response: ServerResponse) => void,
  log: Log,
): Promise<Listener> {
  const server = createServer((request, response) => {
    const refused = refuse(request);
    if (!refused && request.method === "GET" && request.url === "/api/events") return stream(response);
    const answer = refused ? drain(request).then(() => refused) : route(request, routes);
    answer.then(
      (reply) => send(response, reply, request.method === "HEAD"),
      (error: unknown) => {
        log.error("mail.http_error", { reason: String(error) });
        send(response, failure(500, "the mailbox failed: see the stack's log"));
      },
    );
  });
  return listenLocally(server, port, log, "mail");
}

/**
 * A page elsewhere can reach a loopback port in two ways: by a name of its own that resolves to 127.0.0.1
 * (the Host header gives it away), or by asking across sites (the browser says so).
 */
function refuse(request: IncomingMessage): Reply | undefined {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!["127.0.0.1", "localhost", "[::1]"].includes(host))
    return failure(403, `Host is ${JSON.stringify(host)}: want 127.0.0.1 or localhost`);
  const crossSite = request.headers["sec-fetch-site"] === "cross-site";
  if (crossSite && request.headers["sec-fetch-mode"] !== "navigate")
    return failure(403, "the request comes from another site: open the mailbox itself");
  return undefined;
}

async function route(request: IncomingMessage, routes: readonly Route[]): Promise<Reply> {
  const url = new URL(request.url ?? "/", "http://mailbox");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const onPath = routes.filter((one) => one.path.test(url.pathname));
  const found = onPath.find((one) => one.method === method);
  if (!found) {
    await drain(request);
    return onPath.length > 0
      ? failure(405, `${request.method} is not for ${url.pathname}: want ${onPath.map((one) => one.method)}`)
      : failure(404, `nothing is at ${url.pathname}: the API starts at /api/v1/messages`);
  }
  const body = await readBody(request);
  if (body === tooLarge) return failure(413, `the body is larger than ${maxBody} bytes: send less`);
  if (body === malformed) return failure(400, "the body is not JSON: send a JSON object");
  const parts = (found.path.exec(url.pathname) ?? []).slice(1);
  return found.handle({ url, parts, body });
}

const tooLarge = Symbol("too large");
const malformed = Symbol("malformed");

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Uint8Array).byteLength;
    if (size <= maxBody) chunks.push(chunk as Uint8Array);
  }
  if (size > maxBody) return tooLarge;
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return malformed;
  }
}

/** Reads a refused body to its end; unread bytes would break the connection's next request. */
async function drain(request: IncomingMessage): Promise<void> {
  for await (const _ of request);
}

function send(response: ServerResponse, reply: Reply, headOnly = false): void {
  response.writeHead(reply.status, {
    ...always,
    ...reply.headers,
    "content-length": Buffer.byteLength(reply.body),
  });
  response.end(headOnly ? undefined : reply.body);
}
