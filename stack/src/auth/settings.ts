/** `[auth]` of config.toml, as far as Auth reads it; the keys are the CLI's own. */
export interface AuthConfig {
  site_url: string;
  additional_redirect_urls: readonly string[];
  jwt_expiry: number;
  enable_signup: boolean;
  enable_anonymous_sign_ins: boolean;
  enable_manual_linking?: boolean | undefined;
  enable_refresh_token_rotation: boolean;
  refresh_token_reuse_interval: number;
  minimum_password_length: number;
  password_requirements: string;
  rate_limit: RateLimitConfig;
  email: EmailConfig;
  hook?: { before_user_created?: { enabled: boolean; uri: string } | undefined } | undefined;
  mfa?: MfaConfig | undefined;
  sessions?: { timebox?: string | undefined; inactivity_timeout?: string | undefined } | undefined;
}

export interface RateLimitConfig {
  email_sent?: number | undefined;
  anonymous_users?: number | undefined;
  token_refresh?: number | undefined;
  sign_in_sign_ups?: number | undefined;
  token_verifications?: number | undefined;
}

export interface EmailConfig {
  enable_signup: boolean;
  double_confirm_changes: boolean;
  enable_confirmations: boolean;
  secure_password_change: boolean;
  max_frequency: string;
  otp_length: number;
  otp_expiry: number;
  smtp?: SmtpConfig | undefined;
  template?: Partial<Record<MailKind, TemplateConfig | undefined>> | undefined;
}

/** A mail server of the project's own; without it mail goes to the stack's mailbox. */
export interface SmtpConfig {
  enabled?: boolean | undefined;
  host: string;
  port: number;
  user?: string | undefined;
  pass?: string | undefined;
  admin_email: string;
  sender_name?: string | undefined;
}

export interface TemplateConfig {
  subject?: string | undefined;
  content_path?: string | undefined;
}

export interface MfaConfig {
  max_enrolled_factors?: number | undefined;
  totp?: { enroll_enabled?: boolean | undefined; verify_enabled?: boolean | undefined } | undefined;
}

export const MAIL_KINDS = [
  "confirmation",
  "recovery",
  "invite",
  "magic_link",
  "email_change",
  "reauthentication",
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

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

const UNIT_SECONDS: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/**
 * Reads a Go duration ("1h30m", "250ms").
 *
 * @returns seconds, or null for text that is no duration
 */
export function parseDuration(text: string): number | null {
  if (text === "0") return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return null;
  let seconds = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    seconds += Number(amount) * (UNIT_SECONDS[unit ?? "s"] ?? 1);
  }
  return seconds;
}

function duration(text: string | undefined, key: string): number {
  if (text === undefined || text === "") return 0;
  const seconds = parseDuration(text);
  if (seconds === null) {
    throw new Error(`reading config.toml: auth.${key} is "${text}", want a duration such as "30s" or "24h"`);
  }
  return seconds;
}

/** Applies the CLI's defaults to `[auth]`; throws with key, value and wanted form where a value cannot be used. */
export function readSettings(config: AuthConfig, externalUrl: string): Settings {
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
