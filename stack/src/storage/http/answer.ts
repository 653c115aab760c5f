import type { IncomingMessage, ServerResponse } from "node:http";
import { drain } from "../../gateway/body.ts";
import { describeError } from "../../gateway/errors.ts";
import { sendJson } from "../../gateway/reply.ts";
import type { RequestContext } from "../../part.ts";
import { noKey, noSuchRoute, StorageError } from "../errors.ts";
import type { Services } from "../services.ts";
import { findRoute } from "./router.ts";
import { routes } from "./routes.ts";

const prefix = "/storage/v1";

/**
 * Answers one request. A refused upload is received to its end before it is refused: a client reads the answer only
 * once it has sent everything, and its next request comes on the same connection.
 */
export async function answer(
  services: Services,
  req: IncomingMessage,
  res: ServerResponse,
  context: RequestContext,
): Promise<void> {
  try {
    await dispatch(services, req, res, context);
  } catch (error) {
    if (req.destroyed && !req.complete) return;
    await drain(req);
    refuse(error, res, context);
  }
}

async function dispatch(
  services: Services,
  req: IncomingMessage,
  res: ServerResponse,
  { caller, log }: RequestContext,
): Promise<void> {
  const url = req.url ?? "/";
  const mark = url.indexOf("?");
  const path = (mark < 0 ? url : url.slice(0, mark)).slice(prefix.length);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  const match = findRoute(routes, req.method ?? "GET", path);
  if (!match) throw noSuchRoute(req.method ?? "GET", path);
  const { route, bucket, name } = match;
  const keyed = hasKey(req, query);
  if (!keyed && !route.open) throw noKey();
  const { operation } = route;
  const call = { services, req, res, caller, keyed, operation, bucket, name, query, log };
  const reply = await route.handler(call);
  if (!reply) return;
  await drain(req);
  sendJson(res, reply.status, reply.body);
}

/** Whether the caller has shown anything at all; what it is worth, the gateway has found out. */
function hasKey({ headers }: IncomingMessage, query: URLSearchParams): boolean {
  return Boolean(headers.authorization?.trim() || headers.apikey || query.get("apikey"));
}

function refuse(error: unknown, res: ServerResponse, { log, requestId }: RequestContext): void {
  if (error instanceof StorageError) {
    if (error.meaning >= 500)
      log.error("storage.failed", { requestId, ...describeError(error.cause ?? error) });
    sendJson(res, error.status, error.body, { "cache-control": "no-store" });
    return;
  }
  if (isDiskFull(error)) {
    const full = new StorageError("InternalError", 507, "The disk is full");
    log.error("storage.disk_full", { requestId });
    sendJson(res, full.status, full.body);
    return;
  }
  log.error("storage.failed", { requestId, ...describeError(error) });
  sendJson(
    res,
    500,
    new StorageError("InternalError", 500, "Internal Server Error", { word: "Internal" }).body,
  );
}

const isDiskFull = (error: unknown) =>
  error instanceof Error && ["ENOSPC", "EDQUOT"].includes(String(Reflect.get(error, "code")));
