const VERSION_HEADER = "x-supabase-api-version";
const VERSION = "2024-01-01";

/**
 * A refusal as the real Auth server words it.
 *
 * `code` is one of the public error codes; `message` may be shown to a user. Never carries internals: what went
 * wrong inside is logged by the caller, and the client reads `unexpected_failure`.
 */
export class AuthError extends Error {
  readonly status: number;
  readonly code: string;
  /** Why a password is too weak; sent beside the code. */
  readonly reasons: readonly string[];

  constructor(status: number, code: string, message: string, reasons: readonly string[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.reasons = reasons;
  }
}

export const invalid = (message: string): AuthError => new AuthError(400, "validation_failed", message);

export const unexpected = (message: string): AuthError => new AuthError(500, "unexpected_failure", message);

/** The one answer for a wrong password, an unknown address and an account without a password. */
export const invalidCredentials = (): AuthError =>
  new AuthError(400, "invalid_credentials", "Invalid login credentials");

/** The one answer for a wrong, used, expired or unknown code. */
export const otpExpired = (message = "Token has expired or is invalid"): AuthError =>
  new AuthError(403, "otp_expired", message);

export const emailExists = (): AuthError =>
  new AuthError(422, "email_exists", "A user with this email address has already been registered");

export const banned = (status = 403): AuthError => new AuthError(status, "user_banned", "User is banned");

/**
 * Writes a refusal in the form that the request's API version asks for: `{code, message}` since 2024-01-01,
 * `{code: status, error_code, msg}` for older clients.
 */
export function errorResponse(error: AuthError, request: Request): Response {
  const modern = (request.headers.get(VERSION_HEADER) ?? "") >= VERSION;
  const headers = new Headers({ "content-type": "application/json; charset=utf-8" });
  if (modern) headers.set(VERSION_HEADER, VERSION);
  const weak = error.reasons.length > 0 ? { weak_password: { reasons: error.reasons } } : {};
  const body = modern
    ? { code: error.code, message: error.message, ...weak }
    : { code: error.status, error_code: error.code, msg: error.message, ...weak };
  return new Response(JSON.stringify(body), { status: error.status, headers });
}
