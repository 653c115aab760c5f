import type { RequestContext } from "../../part.ts";
import type { Identity } from "../access/identity.ts";
import type { Services } from "../services.ts";
import type { Persist } from "../wire/message.ts";
import { broadcastMany, broadcastOne } from "./broadcast.ts";
import { refused, unprocessable } from "./reply.ts";

const prefix = "/realtime/v1";
const single = /^\/api\/broadcast\/([^/]+)\/events\/([^/]+)$/;

/** What Realtime answers over HTTP: the two ways to broadcast without a channel. */
export async function answer(
  request: Request,
  { caller }: RequestContext,
  services: Services,
): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.slice(prefix.length);
  const identity: Identity = { ...caller, expiresAt: Number.POSITIVE_INFINITY };
  if (path === "/api/ping" && request.method === "GET") return Response.json({ message: "Success" });
  const one = single.exec(path);
  if (request.method !== "POST" || (path !== "/api/broadcast" && !one)) return refused(404, "Not Found");
  if (!one) return broadcastMany(await request.text(), identity, services);
  const encoding = encodingOf(request.headers.get("content-type"));
  if (!encoding) return refused(415, "Unsupported Media Type");
  const [topic, event] = [decodeURIComponent(one[1] ?? ""), decodeURIComponent(one[2] ?? "")];
  if (topic.includes("\0")) return refused(422, "The topic name may not contain NUL");
  const isPrivate = url.searchParams.get("private") === "true";
  const persist = persistOf(url.searchParams);
  if (persist && !isPrivate) return unprocessable({ persist: ["can only be used on private channels"] });
  const target = { topic, event, private: isPrivate, persist };
  const bytes = Buffer.from(await request.arrayBuffer());
  return broadcastOne(target, { bytes, encoding }, identity, services);
}

/** `persist=true`, or `persist[ttl]` in seconds. */
function persistOf(params: URLSearchParams): Persist | null {
  const ttl = Number(params.get("persist[ttl]"));
  if (ttl > 0) return { ttl };
  return params.get("persist") === "true" || params.has("persist[ttl]") ? { ttl: null } : null;
}

function encodingOf(type: string | null): "json" | "binary" | null {
  const plain = type?.split(";")[0]?.trim().toLowerCase();
  if (plain === "application/json") return "json";
  return plain === "application/octet-stream" ? "binary" : null;
}
