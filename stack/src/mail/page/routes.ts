import { type Reply, type Route, text } from "../reply.ts";
import { document } from "./document.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

/** The page runs its own script, shows its own style, asks its own API, frames its own mail views: nothing else. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/>' +
  '<path d="M7 11h18v11H7z M7 11l9 7 9-7" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/></svg>';

/** The mailbox page and its assets. */
export const pageRoutes: Route[] = [
  { method: "GET", path: /^\/$/, handle: () => asset(document, "text/html") },
  { method: "GET", path: /^\/mailbox\.js$/, handle: () => asset(script, "text/javascript") },
  { method: "GET", path: /^\/mailbox\.css$/, handle: () => asset(style, "text/css") },
  { method: "GET", path: /^\/(?:icon\.svg|favicon\.ico)$/, handle: () => asset(icon, "image/svg+xml") },
];

function asset(body: string, type: string): Reply {
  const reply = text(body);
  const headers = { "content-type": `${type}; charset=utf-8`, "content-security-policy": policy };
  return { ...reply, headers };
}
