import type { IncomingHttpHeaders } from "node:http";

/** A request to REST, read whole, from whichever kind of server. */
export interface RestInput {
  method: string;
  /** Below the prefix: `/tasks`, `/rpc/goal_create`. */
  path: string;
  /** Without the `?`. */
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export const prefix = "/rest/v1";

/** Splits a URL below the prefix into path and query. */
export function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  return { path: path.slice(prefix.length), query: mark < 0 ? "" : url.slice(mark + 1) };
}
