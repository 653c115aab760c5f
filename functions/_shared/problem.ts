/** The codes with which functions refuse; each is one of docs/errors.md. */
export const PROBLEM_CODES = [
  "USAGE_INVALID",
  "USAGE_DEPTH",
  "USAGE_REQUEST",
  "AUTH_REQUIRED",
  "AUTH_KEY",
  "AUTH_SUSPENDED",
  "AUTH_SECOND_FACTOR",
  "ACCESS_DENIED",
  "ACCESS_NOT_FOUND",
  "ACCESS_PASSWORD",
  "LIMIT_RATE",
  "LIMIT_SIZE",
  "NETWORK_SERVER",
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

export interface ProblemDetails {
  /** The part of the request that was refused, with dots and indexes: `tasks.2.title`. */
  field?: string;
  /** What it must be, in words. */
  rule?: string;
  /** Seconds after which it may be tried again. */
  retryAfter?: number;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A refusal that the caller is told of; any other error is answered with 500 and told to the log alone. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(status: number, code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The answer to a refused request: `{code, message, request_id}`, and `field` and `rule` where they help. */
export function problemResponse(problem: Problem, requestId: string): Response {
  const { status, code, message, details } = problem;
  const { field, rule, retryAfter, headers } = details;
  const body = { code, message, request_id: requestId, field, rule, retry_after: retryAfter };
  return Response.json(body, {
    status,
    headers: {
      ...headers,
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    },
  });
}
