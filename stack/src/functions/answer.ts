import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { declaredLength, drain } from "../gateway/body.ts";
import type { TokenVerifier } from "../gateway/tokens.ts";
import type { Log, RequestContext } from "../part.ts";
import { type Forwarded, forward, type Outcome } from "./forward.ts";
import { type RefusalCode, refuse } from "./refusals.ts";
import type { Lease, Runner } from "./runner.ts";
import type { FunctionSpec } from "./types.ts";
import { joinSockets, refuseUpgrade } from "./upgrade.ts";
import type { Worker } from "./worker.ts";

export interface AnswerDeps {
  find(name: string): FunctionSpec | null;
  runnerOf(spec: FunctionSpec): Runner;
  verify: TokenVerifier;
  bodyLimit: number;
  logOf(name: string): Log;
}

const prefix = "/functions/v1/";

/** How long the end of a process is awaited to learn its reason, in milliseconds. */
const reasonPatience = 1_000;

/** Answers one request below `/functions/v1`. */
export async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  { requestId, ip }: RequestContext,
  deps: AnswerDeps,
): Promise<void> {
  const began = performance.now();
  const { path, name } = target(req);
  const spec = deps.find(name);
  const tooLong = (declaredLength(req) ?? 0) > deps.bodyLimit;
  const refusal = spec ? await tokenRefusal(req, spec, deps.verify) : "NOT_FOUND";
  if (!spec || refusal || tooLong) {
    await drain(req);
    refuse(res, refusal ?? "BODY_TOO_LARGE", requestId);
    return;
  }
  const code = await run(req, res, deps.runnerOf(spec), { path, requestId, ip, bodyLimit: deps.bodyLimit });
  if (code) refuse(res, code, requestId);
  deps.logOf(name).info("request", {
    requestId,
    method: req.method,
    status: res.statusCode,
    ms: Math.round(performance.now() - began),
    ...(code ? { code } : {}),
  });
}

/** Answers an upgrade (WebSocket) below `/functions/v1` by joining its socket with the function's. */
export async function answerUpgrade(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  deps: AnswerDeps,
): Promise<void> {
  // From here on the socket is ours: what breaks it must not break the stack.
  socket.on("error", () => {});
  const { path, name } = target(req);
  const spec = deps.find(name);
  if (!spec) return refuseUpgrade(socket, "NOT_FOUND");
  if (await tokenRefusal(req, spec, deps.verify)) return refuseUpgrade(socket, "INVALID_JWT");
  const lease = await deps
    .runnerOf(spec)
    .lease()
    .catch(() => null);
  if (!lease) return refuseUpgrade(socket, "BOOT_ERROR");
  await joinSockets(req, socket, head, lease, path);
  lease.release();
}

/** The path as the function sees it, and the name that it begins with. */
function target(req: IncomingMessage): { path: string; name: string } {
  const path = (req.url ?? "").slice(prefix.length - 1);
  return { path, name: /^\/([^/?]*)/.exec(path)?.[1] ?? "" };
}

/** `verify_jwt`: a valid token of this project must be there; a preflight carries none. */
async function tokenRefusal(
  req: IncomingMessage,
  spec: FunctionSpec,
  verify: TokenVerifier,
): Promise<RefusalCode | null> {
  if (!spec.verifyJwt || req.method === "OPTIONS") return null;
  const { authorization } = req.headers;
  if (authorization === undefined) return "MISSING_AUTHORIZATION";
  const token = /^bearer\s+(\S+)$/i.exec(authorization.trim())?.[1];
  if (token === undefined) return "INVALID_JWT";
  return verify(token).then(
    () => null,
    () => "INVALID_JWT" as const,
  );
}

async function run(
  req: IncomingMessage,
  res: ServerResponse,
  runner: Runner,
  about: Omit<Forwarded, "limits">,
): Promise<RefusalCode | null> {
  let lease: Lease;
  try {
    lease = await runner.lease();
  } catch {
    await drain(req);
    return "BOOT_ERROR";
  }
  try {
    const outcome = await forward(req, res, lease.worker, { ...about, limits: lease.declared.limits });
    // A process that does not answer one request may never answer another.
    if (outcome === "late") runner.renew();
    return await codeOf(outcome, lease.worker);
  } finally {
    lease.release();
  }
}

async function codeOf(outcome: Outcome, worker: Worker): Promise<RefusalCode | null> {
  if (outcome === "late") return "IDLE_TIMEOUT";
  if (outcome === "too-long") return "BODY_TOO_LARGE";
  if (outcome !== "lost") return null;
  const patience = new Promise<"alive">((resolve) => setTimeout(resolve, reasonPatience, "alive").unref());
  const how = await Promise.race([worker.ended, patience]);
  if (how === "memory") return "WORKER_LIMIT";
  return how === "stopped" ? "SHUTTING_DOWN" : "WORKER_ERROR";
}
