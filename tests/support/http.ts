import http from "node:http";

export interface Sent {
  method?: string;
  /** Sent as it stands: `/rest/v1/../auth` is not tidied up on the way, as fetch would. */
  path: string;
  headers?: Record<string, string | string[]>;
  /** A string or a Buffer goes out as it is; anything else as JSON. */
  body?: unknown;
}

export interface Received {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** The body read as JSON; undefined where it is none. */
  json: unknown;
}

export type Send = (sent: Sent) => Promise<Received>;

export interface Http {
  send: Send;
  close(): void;
}

/** A client that changes nothing of what it is told to send. */
export function createHttp(origin: string): Http {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(origin);
  const send: Send = ({ method = "GET", path, headers = {}, body }) => {
    const bytes = toBytes(body);
    const all: Record<string, string | string[]> = { ...headers };
    if (bytes && !all["content-type"]) all["content-type"] = "application/json";
    if (bytes) all["content-length"] = String(bytes.length);
    return new Promise((resolve, reject) => {
      const request = http.request({ agent, hostname, port, method, path, headers: all }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
        });
      });
      request.on("error", reject);
      request.end(bytes);
    });
  };
  return { send, close: () => agent.destroy() };
}

function toBytes(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The code of a refusal, in the words of either REST (`code`) or Auth (`error_code`); "" where there is none. */
export function codeOf({ json }: Received): string {
  if (typeof json !== "object" || json === null) return "";
  const { error_code, code } = json as { error_code?: unknown; code?: unknown };
  return typeof error_code === "string" ? error_code : typeof code === "string" ? code : "";
}

/** Status and code in one line, `403 42501`; the status alone where the answer carries no code. */
export function refusal(received: Received): string {
  return `${received.status} ${codeOf(received)}`.trim();
}
