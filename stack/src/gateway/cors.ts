import type { IncomingMessage, ServerResponse } from "node:http";

/** What a browser may read besides the simple response headers: the union of what the hosted parts expose. */
const exposed = [
  "Content-Disposition",
  "Content-Encoding",
  "Content-Location",
  "Content-Range",
  "Content-Type",
  "Date",
  "ETag",
  "Link",
  "Location",
  "Preference-Applied",
  "Range-Unit",
  "Retry-After",
  "Tus-Complete",
  "Tus-Extension",
  "Tus-Max-Size",
  "Tus-Resumable",
  "Tus-Version",
  "Upload-Defer-Length",
  "Upload-Expires",
  "Upload-Length",
  "Upload-Metadata",
  "Upload-Offset",
  "X-Request-Id",
  "X-Supabase-Api-Version",
  "X-Total-Count",
].join(", ");

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** Browsers cap it at two hours (Chromium) or a day (Firefox). */
const preflightSeconds = "7200";

/** Which origins may call: `*`, as hosted, or a closed list. */
export type AllowedOrigins = "*" | readonly string[];

/** The value of Access-Control-Allow-Origin for this caller, or null where it is not allowed. */
function allowFor(origin: string | undefined, allowed: AllowedOrigins): string | null {
  if (allowed === "*") return "*";
  return origin !== undefined && allowed.includes(origin) ? origin : null;
}

/** Puts the CORS headers of an ordinary answer on it. */
export function setCors(req: IncomingMessage, res: ServerResponse, allowed: AllowedOrigins): void {
  if (req.headers.origin === undefined) return;
  const allow = allowFor(req.headers.origin, allowed);
  if (allowed !== "*") res.setHeader("vary", "Origin");
  if (allow === null) return;
  res.setHeader("access-control-allow-origin", allow);
  res.setHeader("access-control-expose-headers", exposed);
}

export function isPreflight(req: IncomingMessage): boolean {
  return req.method === "OPTIONS" && req.headers["access-control-request-method"] !== undefined;
}

/** Answers a preflight. Keys ride in headers and cookies are never used, so credentials stay off. */
export function answerPreflight(req: IncomingMessage, res: ServerResponse, allowed: AllowedOrigins): void {
  setCors(req, res, allowed);
  if (res.hasHeader("access-control-allow-origin")) {
    res.setHeader("access-control-allow-methods", methods);
    res.setHeader("access-control-max-age", preflightSeconds);
    const wanted = req.headers["access-control-request-headers"];
    if (wanted !== undefined) res.setHeader("access-control-allow-headers", wanted);
  }
  res.statusCode = 204;
  res.end();
}
