import type { AuthConfig, RateLimitConfig } from "./config.ts";
import { parseDuration } from "./duration.ts";
import { HOOK_URI } from "./hook-uri.ts";
import { REQUIREMENTS } from "./passwords.ts";

export type { AuthConfig } from "./config.ts";

/** The configuration with durations parsed and defaults applied. Seconds, except where the name says otherwise. */
export interface Settings {
  externalUrl: string;
  siteUrl: string;
  redirects: readonly string[];
  tokenLifetime: number;
  signUp: boolean;
  emailSignUp: boolean;
  anonymous: boolean;
  manualLinking: boolean;
  rotation: boolean;
  reuseInterval: number;
  passwordLength: number;
  passwordRequirements: string;
  confirmEmail: boolean;
  doubleConfirm: boolean;
  securePasswordChange: boolean;
  mailInterval: number;
  codeLength: number;
  codeLifetime: number;
  timebox: number;
  inactivity: number;
  hookUri: string | null;
  maxFactors: number;
  totpEnroll: boolean;
  totpVerify: boolean;
  limits: Required<{ [K in keyof RateLimitConfig]: number }>;
}

function wrong(key: string, value: string, wanted: string): Error {
  return new Error(`reading config.toml: auth.${key} is "${value}", want ${wanted}`);
}

function duration(text: string | undefined, key: string): number {
  if (text === undefined || text === "") return 0;
  const seconds = parseDuration(text);
  if (seconds === null) throw wrong(key, text, 'a duration such as "30s" or "24h"');
  return seconds;
}

// A rule that is misspelt would be no rule, and a hook no hook: better no start.
function check(config: AuthConfig): void {
  const { site_url: site, password_requirements: rule, hook } = config;
  if (!URL.canParse(site)) throw wrong("site_url", site, "an absolute URL");
  if (!Object.hasOwn(REQUIREMENTS, rule)) {
    throw wrong("password_requirements", rule, `one of ${Object.keys(REQUIREMENTS).join(", ")} or nothing`);
  }
  const before = hook?.before_user_created;
  if (before?.enabled === true && !HOOK_URI.test(before.uri)) {
    throw wrong("hook.before_user_created.uri", before.uri, "pg-functions://postgres/<schema>/<function>");
  }
}

/** Applies the CLI's defaults to `[auth]`; throws with key, value and wanted form where a value cannot be used. */
export function readSettings(config: AuthConfig, externalUrl: string): Settings {
  check(config);
  const hook = config.hook?.before_user_created;
  return {
    externalUrl,
    siteUrl: config.site_url.replace(/\/$/, ""),
    redirects: config.additional_redirect_urls,
    tokenLifetime: config.jwt_expiry,
    signUp: config.enable_signup,
    emailSignUp: config.email.enable_signup,
    anonymous: config.enable_anonymous_sign_ins,
    manualLinking: config.enable_manual_linking ?? false,
    rotation: config.enable_refresh_token_rotation,
    reuseInterval: config.refresh_token_reuse_interval,
    // The real server never goes below six, whatever the file says.
    passwordLength: Math.max(6, config.minimum_password_length),
    passwordRequirements: config.password_requirements,
    confirmEmail: config.email.enable_confirmations,
    doubleConfirm: config.email.double_confirm_changes,
    securePasswordChange: config.email.secure_password_change,
    mailInterval: duration(config.email.max_frequency, "email.max_frequency"),
    codeLength: Math.min(10, Math.max(6, config.email.otp_length)),
    codeLifetime: config.email.otp_expiry,
    timebox: duration(config.sessions?.timebox, "sessions.timebox"),
    inactivity: duration(config.sessions?.inactivity_timeout, "sessions.inactivity_timeout"),
    hookUri: hook?.enabled === true ? hook.uri : null,
    maxFactors: config.mfa?.max_enrolled_factors ?? 10,
    totpEnroll: config.mfa?.totp?.enroll_enabled ?? false,
    totpVerify: config.mfa?.totp?.verify_enabled ?? false,
    limits: {
      email_sent: config.rate_limit.email_sent ?? 30,
      anonymous_users: config.rate_limit.anonymous_users ?? 30,
      token_refresh: config.rate_limit.token_refresh ?? 150,
      sign_in_sign_ups: config.rate_limit.sign_in_sign_ups ?? 30,
      token_verifications: config.rate_limit.token_verifications ?? 30,
    },
  };
}
