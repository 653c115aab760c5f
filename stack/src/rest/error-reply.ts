import type { DbRole } from "../part.ts";

/** What a driver tells of an error that Postgres raised. */
export interface PostgresError {
  code: string;
  message: string;
  detail?: string | undefined;
  hint?: string | undefined;
}

/** An answer before it is written to either kind of response. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

export const jsonType = "application/json; charset=utf-8";
export const objectType = "application/vnd.pgrst.object+json; charset=utf-8";

/** Whether Postgres itself has answered. Node's own errors have codes as well, and EPIPE has the look of a SQLSTATE. */
export function isPostgresError(error: unknown): error is PostgresError {
  return (
    error instanceof Error &&
    !("syscall" in error) &&
    "code" in error &&
    typeof error.code === "string" &&
    /^[0-9A-Z]{5}$/.test(error.code)
  );
}

/** An error body as PostgREST words it: four keys, in this order. */
export function errorReply(
  status: number,
  code: string,
  message: string,
  details: string | null = null,
  hint: string | null = null,
): Reply {
  return {
    status,
    headers: { "content-type": jsonType },
    body: JSON.stringify({ code, details, hint, message }),
  };
}

/** The answer to a request for one object that meant none or several. */
export function notOneReply(count: number): Reply {
  const message = "Cannot coerce the result to a single JSON object";
  return errorReply(406, "PGRST116", message, `The result contains ${count} rows`);
}

/** The answer while the database is down or starting: the client may try again. */
export function outOfReachReply(): Reply {
  const reply = errorReply(503, "PGRST001", "Database client error. Retrying the connection.");
  return { ...reply, headers: { ...reply.headers, "retry-after": "1" } };
}

/** SQLSTATEs with a status of their own. @see https://docs.postgrest.org/en/stable/references/errors.html */
const byState: Record<string, number> = {
  "23503": 409,
  "23505": 409,
  "25006": 405,
  "42883": 404,
  "42P01": 404,
  "42P17": 500,
  "53400": 500,
  "57P01": 503,
  P0001: 400,
};

/** SQLSTATE classes; what is in neither table, our own class TK included, is the caller's fault: 400. */
const byClass: Record<string, number> = {
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "25": 500,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "53": 503,
  "54": 500,
  "55": 500,
  "57": 500,
  "58": 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

/** The answer to an error of Postgres, by its SQLSTATE and by who asked. */
export function postgresErrorReply(error: PostgresError, role: DbRole): Reply {
  const { code, message } = error;
  const details = error.detail ?? null;
  const hint = error.hint ?? null;
  if (code === "PGRST") return raisedReply(error);
  if (code.startsWith("PT")) return errorReply(customStatus(code), code, message, details, hint);
  if (code === "42501") return privilegeReply(error, role);
  const status = byState[code] ?? byClass[code.slice(0, 2)] ?? 400;
  return errorReply(status, code, message, details, hint);
}

/** Without a sign-in the way out is to sign in (401); with one it is final (403). */
function privilegeReply(error: PostgresError, role: DbRole): Reply {
  const { code, message, detail = null, hint = null } = error;
  if (role !== "anon") return errorReply(403, code, message, detail, hint);
  const reply = errorReply(401, code, message, detail, hint);
  return { ...reply, headers: { ...reply.headers, "www-authenticate": "Bearer" } };
}

/** `raise sqlstate 'PT402'` asks for status 402. */
function customStatus(code: string): number {
  const status = Number(code.slice(2));
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : 500;
}

/** `raise sqlstate 'PGRST'`: message and detail are JSON that spell the whole answer. */
function raisedReply(error: PostgresError): Reply {
  const body = parseObject(error.message);
  const detail = parseObject(error.detail ?? "");
  if (
    typeof body?.code !== "string" ||
    typeof body.message !== "string" ||
    typeof detail?.status !== "number"
  ) {
    const message = `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`;
    return errorReply(500, "PGRST121", message, `Invalid JSON value for MESSAGE or DETAIL`);
  }
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  const reply = errorReply(detail.status, body.code, body.message, text(body.details), text(body.hint));
  const extra = typeof detail.headers === "object" && detail.headers !== null ? detail.headers : {};
  for (const [name, value] of Object.entries(extra)) {
    if (typeof value === "string") reply.headers[name.toLowerCase()] = value;
  }
  return reply;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
