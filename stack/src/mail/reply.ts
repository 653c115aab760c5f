/** What a route answers. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

export interface RouteRequest {
  url: URL;
  /** The groups of the route's pattern, decoded. */
  parts: string[];
  /** The JSON body, undefined when there is none. */
  body: unknown;
}

export interface Route {
  method: "GET" | "PUT" | "DELETE";
  path: RegExp;
  handle(request: RouteRequest): Reply | Promise<Reply>;
}

export function json(value: unknown, status = 200): Reply {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

export function text(body: string | Uint8Array, status = 200): Reply {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

/** Mailpit's own form of an error. */
export function failure(status: number, message: string): Reply {
  return json({ Error: message }, status);
}
