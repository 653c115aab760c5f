import { type ErrorCode, TrackItError, type TrackItErrorInit } from "../errors.ts";
import {
  codeOfStatus,
  isElsewhere,
  isKeyRefusal,
  readCodedMessage,
  retryAfter,
  wrongAddress,
} from "./database.ts";
import { fromNetwork } from "./network.ts";

/** GoTrue's error codes, of which several often mean one thing to an app. */
export const BY_CODE: Record<string, ErrorCode> = {
  invalid_credentials: "AUTH_CREDENTIALS",
  current_password_invalid: "AUTH_CREDENTIALS",
  email_not_confirmed: "AUTH_EMAIL_UNCONFIRMED",
  otp_expired: "AUTH_CODE_INVALID",
  flow_state_not_found: "AUTH_CODE_INVALID",
  flow_state_expired: "AUTH_CODE_INVALID",
  bad_code_verifier: "AUTH_CODE_INVALID",
  weak_password: "AUTH_PASSWORD_WEAK",
  same_password: "AUTH_PASSWORD_SAME",
  reauthentication_needed: "AUTH_REAUTHENTICATION",
  reauthentication_not_valid: "AUTH_REAUTHENTICATION",
  reauth_nonce_missing: "AUTH_REAUTHENTICATION",
  insufficient_aal: "AUTH_SECOND_FACTOR",
  mfa_verification_failed: "AUTH_FACTOR",
  mfa_verification_rejected: "AUTH_FACTOR",
  mfa_challenge_expired: "AUTH_FACTOR",
  mfa_factor_not_found: "AUTH_FACTOR",
  mfa_factor_name_conflict: "AUTH_FACTOR",
  mfa_ip_address_mismatch: "AUTH_FACTOR",
  mfa_verified_factor_exists: "AUTH_FACTOR",
  mfa_totp_enroll_not_enabled: "AUTH_FACTOR",
  mfa_totp_verify_not_enabled: "AUTH_FACTOR",
  too_many_enrolled_mfa_factors: "AUTH_FACTOR",
  signup_disabled: "AUTH_SIGNUP_CLOSED",
  email_provider_disabled: "AUTH_SIGNUP_CLOSED",
  user_banned: "AUTH_SUSPENDED",
  bad_jwt: "AUTH_REQUIRED",
  no_authorization: "AUTH_REQUIRED",
  session_not_found: "AUTH_REQUIRED",
  session_expired: "AUTH_REQUIRED",
  refresh_token_not_found: "AUTH_REQUIRED",
  refresh_token_already_used: "AUTH_REQUIRED",
  user_not_found: "AUTH_REQUIRED",
  not_admin: "ACCESS_DENIED",
  email_exists: "CONFLICT_EMAIL_TAKEN",
  user_already_exists: "CONFLICT_EMAIL_TAKEN",
  conflict: "CONFLICT_BUSY",
  over_request_rate_limit: "LIMIT_RATE",
  over_email_send_rate_limit: "LIMIT_RATE",
  email_address_invalid: "USAGE_INVALID",
  email_address_not_authorized: "USAGE_INVALID",
  validation_failed: "USAGE_INVALID",
  bad_json: "USAGE_REQUEST",
  request_timeout: "NETWORK_TIMEOUT",
  hook_timeout: "NETWORK_TIMEOUT",
};

const FIELD: Partial<Record<ErrorCode, string>> = {
  AUTH_PASSWORD_WEAK: "password",
  AUTH_PASSWORD_SAME: "password",
  CONFLICT_EMAIL_TAKEN: "email",
  AUTH_CODE_INVALID: "code",
};

const HINT: Partial<Record<ErrorCode, string>> = {
  AUTH_EMAIL_UNCONFIRMED: "Use the code in the confirmation mail, or ask for another with auth.resend(email)",
  AUTH_CODE_INVALID: "The code or link is wrong, used or too old: ask for another",
  AUTH_REAUTHENTICATION: "Call auth.reauthenticate() and give the mailed code to updatePassword",
  AUTH_SECOND_FACTOR: "Call auth.totp.challenge(code) first",
  AUTH_KEY: "Check the key given to createTrackIt: it belongs to one project",
  AUTH_REQUIRED: "Sign in first: auth.signIn({ email, password })",
};

/** Turns whatever the auth client throws or returns as `error` into the SDK's error. */
export function fromAuth(cause: unknown, action: string, signal?: AbortSignal): TrackItError {
  if (cause instanceof TrackItError) return cause;
  if (!(cause instanceof Error)) return fromNetwork(cause, action, signal);
  const status = numberOf(cause, "status");
  const coded = readHook(cause, action, status);
  if (coded) return coded;
  if (cause.name === "AuthSessionMissingError") return refuse("AUTH_REQUIRED", cause, action, status);
  const known = BY_CODE[String(Reflect.get(cause, "code") ?? "")];
  if (known) return refuse(known, cause, action, status);
  if (isKeyRefusal(cause.message)) return refuse("AUTH_KEY", cause, action, status);
  if (!status) return fromNetwork(cause, action, signal);
  if (!Reflect.get(cause, "code") && isElsewhere(status)) return wrongAddress(cause, status, action);
  return refuse(codeOfStatus(status), cause, action, status);
}

function refuse(code: ErrorCode, cause: Error, action: string, status: number | undefined): TrackItError {
  const reasons: unknown = Reflect.get(cause, "reasons");
  const text = withRanges(cause.message);
  const init: TrackItErrorInit = { cause, status, field: FIELD[code], hint: HINT[code] };
  if (code === "AUTH_PASSWORD_WEAK")
    init.rule = Array.isArray(reasons) && reasons.length > 0 ? `${text} (${reasons.join(", ")})` : text;
  if (code === "LIMIT_RATE") init.retryAfter = retryAfter(cause.message);
  return new TrackItError(code, `${action}: ${text}`, init);
}

/** Auth spells its sets of characters out; people read ranges. */
function withRanges(message: string): string {
  return message
    .replace("abcdefghijklmnopqrstuvwxyz", "a-z")
    .replace("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A-Z")
    .replace("0123456789", "0-9");
}

/** What the sign-up hook refuses is the username, unless it is the sign-up as such. */
function readHook(cause: Error, action: string, status: number | undefined): TrackItError | null {
  const coded = readCodedMessage({ message: cause.message }, action, status);
  if (!coded) return null;
  const { code, message, rule } = coded;
  const field = code === "LIMIT_SIGNUPS" ? undefined : "username";
  return new TrackItError(code, message, { cause, status, rule, field });
}

function numberOf(from: Error, name: string): number | undefined {
  const value: unknown = Reflect.get(from, name);
  return typeof value === "number" ? value : undefined;
}
