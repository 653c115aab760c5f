import { ERROR_CODES, type ErrorCode, TrackItError, type TrackItErrorInit } from "../errors.ts";
import { camelKey } from "../rows/camel.ts";

/** What PostgREST answers when it refuses; `code` is a SQLSTATE or one of its own PGRST codes. */
export interface DatabaseFailure {
  message: string;
  code?: string | null;
  details?: string | null;
  hint?: string | null;
}

/** Postgres' own SQLSTATEs, which need no wording of ours in the database. */
export const BY_SQLSTATE: Record<string, ErrorCode> = {
  "22001": "USAGE_INVALID",
  "22003": "USAGE_INVALID",
  "22007": "USAGE_INVALID",
  "22008": "USAGE_INVALID",
  "22021": "USAGE_INVALID",
  "22023": "USAGE_INVALID",
  "22P02": "USAGE_INVALID",
  "22P05": "USAGE_INVALID",
  "23502": "USAGE_INVALID",
  "23503": "USAGE_REFERENCE",
  "23505": "CONFLICT_DUPLICATE",
  "23514": "USAGE_INVALID",
  "40001": "CONFLICT_BUSY",
  "40P01": "CONFLICT_BUSY",
  "42501": "ACCESS_DENIED",
  "54000": "LIMIT_SIZE",
  "55P03": "CONFLICT_BUSY",
  "57014": "NETWORK_TIMEOUT",
  PGRST116: "ACCESS_NOT_FOUND",
  PGRST202: "USAGE_REQUEST",
  PGRST204: "USAGE_REQUEST",
  PGRST205: "USAGE_REQUEST",
  PGRST300: "NETWORK_SERVER",
  PGRST301: "AUTH_REQUIRED",
  PGRST302: "AUTH_REQUIRED",
  PGRST303: "AUTH_REQUIRED",
};

/** Constraints whose name says more than their SQLSTATE. */
const BY_CONSTRAINT: Record<string, { code: ErrorCode; field: string; rule?: string }> = {
  goals_pkey: { code: "CONFLICT_ID", field: "id" },
  tasks_pkey: { code: "CONFLICT_ID", field: "id" },
  goals_owner_title_open_key: { code: "CONFLICT_TITLE_TAKEN", field: "title" },
  profiles_username_key: { code: "CONFLICT_USERNAME_TAKEN", field: "username" },
  goals_dates_order: { code: "USAGE_INVALID", field: "startsOn", rule: "a day no later than dueAt" },
};

const TABLES = /^(goals|tasks|profiles|activities)_/;
const CODED_MESSAGE = /^([A-Z]+_[A-Z_]+): ?(.*)$/s;

/** Turns a refusal of the database into the SDK's error. */
export function fromDatabase(failure: DatabaseFailure, status: number, action: string): TrackItError {
  const coded = readCodedMessage(failure, action, status);
  if (coded) return coded;
  if (!failure.code && isElsewhere(status)) return wrongAddress(failure, status, action);
  const constraint = /constraint "([^"]+)"/.exec(failure.message)?.[1] ?? "";
  const known = BY_CONSTRAINT[constraint];
  const code =
    known?.code ?? (isKeyRefusal(failure.message) ? "AUTH_KEY" : codeOf(failure.code ?? "", status));
  const init: TrackItErrorInit = {
    cause: failure,
    status,
    field: known?.field ?? fieldOf(failure, constraint),
    rule: known?.rule ?? (code === "USAGE_INVALID" ? failure.message : undefined),
    hint: hintOf(code, failure.code) ?? (failure.hint || undefined),
    retryAfter: retryAfter(failure.hint ?? failure.message),
  };
  return new TrackItError(code, `${action}: ${failure.message}`, init);
}

/** `CODE: text` with a JSON DETAIL: raised by our own SQL, or by its hook on the way through Auth. */
export function readCodedMessage(
  failure: DatabaseFailure,
  action: string,
  status?: number,
): TrackItError | null {
  const [, name, rest = ""] = CODED_MESSAGE.exec(failure.message) ?? [];
  const code = ERROR_CODES.find((known) => known === name);
  if (!code) return null;
  const detail = readDetail(failure.details);
  // A hook has no DETAIL and puts the rule at the end of its text.
  const [, text = rest, wanted] = /^(.*) \(wanted: (.*)\)$/s.exec(rest) ?? [];
  return new TrackItError(code, `${action}: ${text}`, {
    cause: failure,
    status,
    hint: failure.hint || undefined,
    field: typeof detail.field === "string" ? camelKey(detail.field) : undefined,
    value: detail.value ?? undefined,
    rule: typeof detail.rule === "string" ? detail.rule : wanted,
    retryAfter: retryAfter(failure.hint ?? ""),
    details: failure.details ? detail : undefined,
  });
}

/** "retry after 42 s" (ours), "only request this after 42 seconds" (Auth). */
export function retryAfter(text: string): number | undefined {
  const seconds = /after (\d+) s/.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** What the gateway says before anything looks at the request itself. */
export function isKeyRefusal(message: string): boolean {
  return /^(invalid api key|no api key found)/i.test(message);
}

/** Whether a refusal without a code comes from something else than a Supabase project: every part of one gives codes. */
export function isElsewhere(status: number): boolean {
  return status === 404 || status === 405 || status < 400;
}

export function wrongAddress(cause: unknown, status: number, action: string): TrackItError {
  return new TrackItError("NETWORK_SERVER", `${action}: no Supabase API answers there (HTTP ${status})`, {
    cause,
    status,
    hint: "Check the url given to createTrackIt: the project's address, without a path",
  });
}

function readDetail(details: string | null | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(details ?? "");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function codeOf(sqlstate: string, status: number): ErrorCode {
  // A right that is missing because nobody is signed in is a matter of signing in.
  if (sqlstate === "42501" && status === 401) return "AUTH_REQUIRED";
  return BY_SQLSTATE[sqlstate] ?? codeOfStatus(status);
}

/** The code for an answer of which only the HTTP status is known. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return "AUTH_REQUIRED";
  if (status === 403) return "ACCESS_DENIED";
  if (status === 404 || status === 406) return "ACCESS_NOT_FOUND";
  if (status === 409) return "CONFLICT_BUSY";
  if (status === 413) return "LIMIT_SIZE";
  if (status === 429) return "LIMIT_RATE";
  if (status === 408 || status === 504) return "NETWORK_TIMEOUT";
  return status >= 500 ? "NETWORK_SERVER" : "USAGE_REQUEST";
}

function fieldOf(failure: DatabaseFailure, constraint: string): string | undefined {
  const column = /column "([^"]+)"/.exec(failure.message)?.[1];
  if (column) return camelKey(column);
  if (!TABLES.test(constraint)) return undefined;
  // Constraints are called table_column_rule.
  return camelKey(constraint.replace(TABLES, "").replace(/_[a-z]+$/, "")) || undefined;
}

function hintOf(code: ErrorCode, sqlstate: string | null | undefined): string | undefined {
  if (/^PGRST20[245]$/.test(sqlstate ?? ""))
    return "Apply TrackIt's migrations to this project: npx supabase db push";
  if (code === "AUTH_REQUIRED") return "Sign in first: auth.signIn({ email, password })";
  if (code === "AUTH_KEY") return "Check the key given to createTrackIt: it belongs to one project";
  if (code === "CONFLICT_BUSY") return "Repeat the call";
  return undefined;
}
