/**
 * The closed list of codes. A code is a promise: apps switch on it, docs/errors.md explains each one, and a gate
 * holds this list, that page and the database's own codes together.
 */
export const ERROR_CODES = [
  "USAGE_INVALID",
  "USAGE_UNKNOWN_FIELD",
  "USAGE_REFERENCE",
  "USAGE_CYCLE",
  "USAGE_DEPTH",
  "USAGE_CURSOR",
  "USAGE_REQUEST",
  "USAGE_STORAGE",
  "AUTH_REQUIRED",
  "AUTH_CREDENTIALS",
  "AUTH_EMAIL_UNCONFIRMED",
  "AUTH_CODE_INVALID",
  "AUTH_PASSWORD_WEAK",
  "AUTH_PASSWORD_SAME",
  "AUTH_REAUTHENTICATION",
  "AUTH_SECOND_FACTOR",
  "AUTH_FACTOR",
  "AUTH_SIGNUP_CLOSED",
  "AUTH_SUSPENDED",
  "AUTH_KEY",
  "ACCESS_DENIED",
  "ACCESS_NOT_FOUND",
  "ACCESS_PASSWORD",
  "LIMIT_GOALS",
  "LIMIT_TASKS",
  "LIMIT_FILES",
  "LIMIT_FOLDERS",
  "LIMIT_QUOTA",
  "LIMIT_RATE",
  "LIMIT_SIGNUPS",
  "LIMIT_SIZE",
  "LIMIT_OUTBOX",
  "LIMIT_STORAGE",
  "CONFLICT_ID",
  "CONFLICT_VERSION",
  "CONFLICT_TITLE_TAKEN",
  "CONFLICT_USERNAME_TAKEN",
  "CONFLICT_EMAIL_TAKEN",
  "CONFLICT_DUPLICATE",
  "CONFLICT_STALE_HEADS",
  "CONFLICT_EPOCH",
  "CONFLICT_DEVICE_SEQ",
  "CONFLICT_BUSY",
  "CONFLICT_AUDIENCE",
  "NETWORK_OFFLINE",
  "NETWORK_TIMEOUT",
  "NETWORK_ABORTED",
  "NETWORK_SERVER",
  "CRYPTO_INSECURE_CONTEXT",
  "CRYPTO_UNREADABLE",
  "CRYPTO_OPEN_FAILED",
  "FILE_CHANGED",
  "FILE_INCOMPLETE",
  "CRYPTO_PASSPHRASE",
  "CRYPTO_DEVICE",
  "CRYPTO_IDENTITY",
  "CRYPTO_HISTORY",
  "CRYPTO_APPROVAL",
  "CRYPTO_RECOVERY",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What a version conflict carries: the change that was refused, and the row as it stands now. */
export interface VersionConflict<Row = Record<string, unknown>> {
  /** The patch that was sent, with the id and the version that it was based on. */
  mine: Partial<Row> & { id: string; version: number };
  /** The row as the server has it. */
  theirs: Row;
}

export interface TrackItErrorInit {
  hint?: string | undefined;
  cause?: unknown;
  /** The input field that was refused, camel-cased, with dots and indexes for nested ones: `tasks.2.title`. */
  field?: string | undefined;
  /** The value that was refused; never a password or a token. */
  value?: unknown;
  /** What the field wants, in words: "1 to 200 characters". */
  rule?: string | undefined;
  /** The HTTP status, where a server answered. */
  status?: number | undefined;
  /** For LIMIT_RATE: how long to wait, in seconds, where the server says so. */
  retryAfter?: number | undefined;
  details?: unknown;
}

/**
 * The only error that the SDK throws.
 *
 * @example
 * ```ts
 * try {
 *   await trackit.goals.create({ title: "Run a marathon" });
 * } catch (error) {
 *   if (isTrackItError(error, "CONFLICT_TITLE_TAKEN")) console.log(error.field, error.hint);
 *   else throw error;
 * }
 * ```
 */
export class TrackItError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "TrackItError";
  readonly code: Code;
  readonly hint: string | undefined;
  readonly field: string | undefined;
  readonly value: unknown;
  readonly rule: string | undefined;
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;
  /** Typed by code: {@link VersionConflict} for CONFLICT_VERSION, see {@link isVersionConflict}. */
  readonly details: unknown;

  constructor(code: Code, message: string, init: TrackItErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = code;
    this.hint = init.hint;
    this.field = init.field;
    this.value = init.value;
    this.rule = init.rule;
    this.status = init.status;
    this.retryAfter = init.retryAfter;
    this.details = init.details;
  }

  /** What may be logged or sent to a worker: everything except the cause. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message };
  }
}

/** True for a TrackItError, and with `code` only for that one; also across two copies of this package. */
export function isTrackItError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is TrackItError<Code> {
  return (
    error instanceof Error && error.name === "TrackItError" && (!code || Reflect.get(error, "code") === code)
  );
}

/** True for CONFLICT_VERSION, and gives its details their type. */
export function isVersionConflict<Row = Record<string, unknown>>(
  error: unknown,
): error is TrackItError<"CONFLICT_VERSION"> & { details: VersionConflict<Row> } {
  return isTrackItError(error, "CONFLICT_VERSION");
}
