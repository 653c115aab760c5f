import type { ServerResponse } from "node:http";
import { sendJson } from "../gateway/reply.ts";

/** What the runtime answers in a function's place: codes and statuses of the hosted platform. */
const refusals = {
  NOT_FOUND: [404, "Requested function was not found"],
  MISSING_AUTHORIZATION: [401, "Missing authorization header"],
  INVALID_JWT: [401, "Invalid JWT"],
  BOOT_ERROR: [503, "Function failed to start (please check logs)"],
  WORKER_ERROR: [502, "Function exited due to an error (please check logs)"],
  WORKER_LIMIT: [546, "Function failed due to not having enough compute resources (please check logs)"],
  IDLE_TIMEOUT: [504, "Function did not answer within its time limit"],
  BODY_TOO_LARGE: [413, "The request body is too long"],
  SHUTTING_DOWN: [503, "The stack is stopping"],
} as const satisfies Record<string, readonly [number, string]>;

export type RefusalCode = keyof typeof refusals;

/** Answers instead of the function, where nothing has been answered yet; else the connection is cut. */
export function refuse(res: ServerResponse, code: RefusalCode, requestId: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const [status, message] = refusals[code];
  sendJson(res, status, { code, message, request_id: requestId }, cors);
}

// A browser app must be able to read why a function did not answer; the function itself cannot say so.
const cors = { "access-control-allow-origin": "*" };
