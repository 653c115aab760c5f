import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { Transform } from "node:stream";
import { declaredLength, drain, hasBody } from "../gateway/body.ts";
import { answerHeaders, requestHeaders } from "./headers.ts";
import type { FunctionLimits } from "./types.ts";
import type { Worker } from "./worker.ts";

export interface Forwarded {
  /** Path and query as the function sees them, beginning with its name. */
  path: string;
  requestId: string;
  ip: string;
  limits: FunctionLimits;
  /** Bytes of a request body. */
  bodyLimit: number;
}

/**
 * What became of a request: answered; the caller left; the process was lost; it took too long; its body grew too
 * long. Where the answer had begun before that, the connection is cut.
 */
export type Outcome = "answered" | "left" | "lost" | "late" | "too-long";

/** Carries a request to a function's process and its answer back, both streaming. */
export function forward(
  req: IncomingMessage,
  res: ServerResponse,
  worker: Worker,
  { path, requestId, ip, limits, bodyLimit }: Forwarded,
): Promise<Outcome> {
  // The caller may have left while the process started; no event would tell of it any more.
  if (res.destroyed || res.closed) return Promise.resolve("left");
  return new Promise((resolve) => {
    const upstream = http.request({
      socketPath: worker.socket,
      agent: worker.agent,
      method: req.method,
      path,
      headers: requestHeaders(req, requestId, ip),
    });
    const settle = (outcome: Outcome) => {
      clearTimeout(head);
      clearTimeout(whole);
      res.off("close", onLeave);
      if (outcome !== "answered") upstream.destroy();
      // A caller reads its answer once it has sent everything.
      req.unpipe();
      void drain(req).then(() => resolve(outcome));
    };
    const late = () => settle("late");
    const head = setTimeout(late, limits.requestSeconds * 1000);
    const whole = setTimeout(late, limits.wallClockSeconds * 1000);
    const onLeave = () => settle(res.writableFinished ? "answered" : "left");
    res.on("close", onLeave);
    upstream.on("error", () => settle("lost"));
    upstream.on("response", (answer) => {
      clearTimeout(head);
      try {
        pass(answer, res, settle);
      } catch {
        // What node will not send on: an answer that breaks its sender must not break the stack.
        settle("lost");
      }
    });
    send(req, upstream, bodyLimit, () => settle("too-long"));
  });
}

function pass(answer: IncomingMessage, res: ServerResponse, settle: (outcome: Outcome) => void): void {
  res.writeHead(answer.statusCode ?? 502, answerHeaders(answer.headers, res.req.method));
  // The head goes out with the first piece, or alone where that is not here yet.
  setImmediate(() => {
    if (!res.writableEnded && !res.destroyed) res.flushHeaders();
  });
  answer.on("error", () => settle("lost"));
  answer.on("aborted", () => settle("lost"));
  answer.pipe(res);
}

function send(req: IncomingMessage, upstream: ClientRequest, limit: number, onTooLong: () => void): void {
  if (!hasBody(req)) {
    upstream.end();
    return;
  }
  // What declares its length was measured before it came here.
  if (declaredLength(req) !== null) req.pipe(upstream);
  else req.pipe(bounded(limit, onTooLong)).pipe(upstream);
  req.on("aborted", () => upstream.destroy());
}

function bounded(limit: number, onTooLong: () => void): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) onTooLong();
      else done(null, chunk);
    },
  });
}
