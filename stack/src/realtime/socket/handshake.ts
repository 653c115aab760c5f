import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Identities, type Identity, RefusedError } from "../access/identity.ts";
import type { Version } from "../wire/message.ts";

export interface Handshake {
  identity: Identity;
  version: Version;
}

export interface Refusal {
  status: 400 | 401 | 404 | 429 | 431 | 500;
  error: string;
}

const path = "/realtime/v1/websocket";

/** Decides about a connection before it becomes a WebSocket: who asks, and which serializer both will speak. */
export async function shakeHands(
  req: IncomingMessage,
  identities: Identities,
  maxHeader: number,
): Promise<Handshake | Refusal> {
  const url = new URL(req.url ?? "/", "http://localhost");
  if (url.pathname !== path) return { status: 404, error: "Not Found" };
  if (longestHeader(req) > maxHeader) return { status: 431, error: "Request Header Fields Too Large" };
  const version = versionOf(url.searchParams.get("vsn"));
  if (!version) return { status: 400, error: "The requested transport version is not supported" };
  const key = keyOf(req, url);
  if (!key) return { status: 401, error: "API key is required" };
  try {
    return { identity: await identities.ofKey(key), version };
  } catch (error) {
    if (error instanceof RefusedError) return { status: 401, error: error.message };
    throw error;
  }
}

/** Without one it is the older; `1.x` and `2.x` stand for the two that exist. */
function versionOf(wanted: string | null): Version | null {
  if (wanted === null || /^1\.\d+\.\d+$/.test(wanted)) return "1.0.0";
  return /^2\.\d+\.\d+$/.test(wanted) ? "2.0.0" : null;
}

function keyOf(req: IncomingMessage, url: URL): string | null {
  const header = req.headers["x-api-key"] ?? req.headers.apikey;
  return (typeof header === "string" && header) || url.searchParams.get("apikey");
}

const longestHeader = (req: IncomingMessage) =>
  req.rawHeaders.reduce((longest, text) => Math.max(longest, text.length), 0);

const statusText: Record<Refusal["status"], string> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
};

export function refuse(socket: Duplex, { status, error }: Refusal): void {
  const body = JSON.stringify({ error });
  const head = `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status} ${statusText[status]}\r\n${head}\r\n\r\n${body}`);
}
