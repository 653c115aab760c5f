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
