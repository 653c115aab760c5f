import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../part.ts";
import { sendResponse, toRequest } from "./adapt.ts";
import { declaredLength, drain } from "./body.ts";
import { BodyTooLargeError, describeError } from "./errors.ts";
import { type Identified, type Identifier, stranger } from "./identify.ts";
import { isNodePart } from "./node-part.ts";
import { refusalReply } from "./refusals.ts";
import { sendJson } from "./reply.ts";
import type { Route } from "./routes.ts";

interface Deps {
  identifier: Identifier;
  /** The gateway's own origin, for the URLs of requests. */
  origin: string;
}

interface Envelope {
  requestId: string;
  log: Log;
}

export type Dispatch = (
  req: IncomingMessage,
  res: ServerResponse,
  route: Route,
  path: string,
  envelope: Envelope,
) => Promise<void>;

/** Takes a routed request to its part: who is calling, how long the body may be, and what became of it. */
export function createDispatch({ identifier, origin }: Deps): Dispatch {
  return async (req, res, route, path, { requestId, log }) => {
    try {
      const length = declaredLength(req);
      if (length !== null && length > route.bodyLimit) throw new BodyTooLargeError(route.bodyLimit);
      const identified = await callerFor(identifier, req, route, path);
      if ("refusal" in identified) {
        await drain(req);
        const { status, body, headers } = refusalReply(identified.refusal, route.dialect);
        return sendJson(res, status, body, headers);
      }
      const ip = req.socket.remoteAddress ?? "";
      // Rate limits count by address: what the client says of it is not passed on.
      req.headers["x-forwarded-for"] = ip;
      delete req.headers["cf-connecting-ip"];
      const context = { requestId, log, caller: identified.caller, ip };
      if (isNodePart(route.part)) return await route.part.handle(req, res, context);
      const request = toRequest(req, res, origin, route.bodyLimit);
      await sendResponse(await route.part.fetch(request, context), res);
    } catch (error) {
      await drain(req);
      answerFailure(error, res, requestId, log);
    }
  };
}

async function callerFor(
  identifier: Identifier,
  req: IncomingMessage,
  route: Route,
  path: string,
): Promise<Identified> {
  if (route.keyRule === "ignored" || route.open?.test(path.slice(route.prefix.length))) {
    return { caller: stranger };
  }
  const { authorization } = req.headers;
  const apikey = headerKey(req) ?? queryKey(req);
  const credentials = { apikey, authorization, keyOptional: route.keyRule === "optional" };
  const remembered = identifier.recall(credentials);
  return remembered ? { caller: remembered } : identifier.identify(credentials);
}

function headerKey(req: IncomingMessage): string | undefined {
  const { apikey } = req.headers;
  return typeof apikey === "string" ? apikey : apikey?.[0];
}

/** Hosted takes the key as a query parameter too: WebSockets and links cannot set headers. */
function queryKey(req: IncomingMessage): string | undefined {
  const url = req.url ?? "";
  if (!url.includes("apikey=")) return undefined;
  return new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("apikey") ?? undefined;
}

function answerFailure(error: unknown, res: ServerResponse, requestId: string, log: Log): void {
  if (error instanceof BodyTooLargeError) {
    const message = `The request body is longer than ${error.limit} bytes`;
    sendJson(res, 413, { code: "BODY_TOO_LARGE", message, details: null, hint: null });
    return;
  }
  if (res.destroyed) return;
  log.error("request failed", { requestId, ...describeError(error) });
  sendJson(res, 500, { message: "Internal server error", request_id: requestId });
}
