import { realpath } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Listener, listenLocally } from "../listener.ts";
import type { Log } from "../part.ts";
import { readStatic, type StaticFile } from "./files.ts";
import { contentSecurityPolicy } from "./policy.ts";

export interface WebOptions {
  /** The built app: a folder with `index.html`. */
  root: string;
  /** 0 for any free port. */
  port: number;
  /** The API's address, as browsers reach it. */
  apiUrl: string;
  /** The publishable key; never a secret one. */
  key: string;
  log: Log;
}

/**
 * Serves the built app on 127.0.0.1: its files, `/config.json` with the API's address and key, and `index.html`
 * for every page address.
 * @throws when `root` has no `index.html`, with the command that builds it; EADDRINUSE when the port is taken
 */
export async function createWeb({ root, port, apiUrl, key, log }: WebOptions): Promise<Listener> {
  const folder = await realpath(root).catch(() => root);
  if (!(await readStatic(folder, "/index.html")))
    throw new Error(`web app not found in ${root}: build it with "npm run build -w @trackit/web"`);
  const config = Buffer.from(JSON.stringify({ url: apiUrl, key }));
  const shared = pageHeaders(apiUrl);
  const server = createServer((request, response) => {
    respond(request, folder, config).then(
      (answer) => send(request, response, answer, shared),
      (error: unknown) => {
        log.error("web.failed", { reason: String(error) });
        response.writeHead(500).end();
      },
    );
  });
  return listenLocally(server, port, log, "web");
}

interface Answer {
  status: number;
  file: StaticFile;
  cache: string;
}

async function respond(request: IncomingMessage, root: string, config: Buffer): Promise<Answer> {
  request.resume();
  if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "GET and HEAD only");
  const pathname = (request.url ?? "/").replace(/[?#].*$/s, "");
  if (pathname === "/config.json")
    return { status: 200, file: { body: config, type: "application/json", etag: "" }, cache: "no-store" };
  const file = await readStatic(root, pathname);
  // The names of files in assets/ change with their content, so that a browser may keep them for good.
  if (file) {
    const cache = pathname.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    return { status: 200, file, cache };
  }
  const isPage = /^\/(?:[\w-]+(?:\/[\w-]+)*\/?)?$/.test(pathname) && !pathname.startsWith("/assets/");
  const index = isPage ? await readStatic(root, "/index.html") : null;
  return index ? { status: 200, file: index, cache: "no-cache" } : plain(404, "Not found");
}

function plain(status: number, text: string): Answer {
  const file = { body: Buffer.from(`${text}\n`), type: "text/plain; charset=utf-8", etag: "" };
  return { status, file, cache: "no-store" };
}

function pageHeaders(apiUrl: string): Record<string, string> {
  return {
    "content-security-policy": contentSecurityPolicy(apiUrl),
    "x-content-type-options": "nosniff",
    // Mail links carry a token in the address: no other site may see it.
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
  };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, file, cache }: Answer,
  shared: Record<string, string>,
): void {
  const tag = file.etag ? { etag: file.etag } : {};
  const headers = { ...shared, ...tag, "cache-control": cache };
  if (file.etag && request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const allow = status === 405 ? { allow: "GET, HEAD" } : {};
  const body = { "content-type": file.type, "content-length": file.body.byteLength };
  response.writeHead(status, { ...headers, ...allow, ...body });
  response.end(request.method === "HEAD" ? undefined : file.body);
}
