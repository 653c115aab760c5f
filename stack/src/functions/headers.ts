import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** Headers that belong to one connection, and are not passed on (RFC 9110, section 7.6.1). */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What only the gateway may say of a caller. */
const gatewayOnly =
  /^(?:forwarded|x-forwarded-.*|x-real-ip|cf-connecting-ip|true-client-ip|x-client-ip|x-cluster-client-ip)$/;

/** The headers of a request as its function gets them. */
export function requestHeaders(req: IncomingMessage, requestId: string, ip: string): OutgoingHttpHeaders {
  const { host } = req.headers;
  const port = host?.split(":")[1];
  return {
    ...passed(req.headers, (name) => !gatewayOnly.test(name) && name !== "expect"),
    "x-request-id": requestId,
    "x-forwarded-for": ip,
    "x-forwarded-proto": "http",
    ...(host ? { "x-forwarded-host": host } : {}),
    ...(port ? { "x-forwarded-port": port } : {}),
  };
}

/**
 * The headers of an answer as its caller gets them. As on the hosted platform's own domain, a function cannot serve
 * pages: markup of a GET is labelled plain text, so that no script runs on the API's origin.
 */
export function answerHeaders(headers: IncomingHttpHeaders, method: string | undefined): OutgoingHttpHeaders {
  const out = passed(headers, (name) => name !== "x-request-id");
  const type = headers["content-type"];
  if (method === "GET" && type !== undefined && /^\s*(?:text\/html|application\/xhtml\+xml)/i.test(type)) {
    out["content-type"] = "text/plain";
    out["content-security-policy"] = "default-src 'none'; sandbox";
    out["x-content-type-options"] = "nosniff";
  }
  return out;
}

function passed(headers: IncomingHttpHeaders, also: (name: string) => boolean): OutgoingHttpHeaders {
  const named = new Set((headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !hopByHop.has(name) && !named.has(name) && also(name),
  );
  return Object.fromEntries(kept);
}
