import type { CallOptions } from "../types.ts";

/** Where a session is kept: on this device, for this tab only, or nowhere (in memory). */
export type Remember = "device" | "tab" | "never";

export interface User {
  id: string;
  email: string | null;
  emailConfirmed: boolean;
  /** The address that waits for confirmation after `updateEmail`. */
  newEmail: string | null;
  createdAt: string;
  lastSignInAt: string | null;
}

export interface Session {
  user: User;
  accessToken: string;
  /** When the access token ends; it is renewed before by itself. */
  expiresAt: string;
  /** True while a second factor is enrolled but not yet given: call `auth.totp.challenge(code)`. */
  needsSecondFactor: boolean;
}

export interface SignUpInput {
  email: string;
  password: string;
  username: string;
  displayName?: string | undefined;
  locale?: string | undefined;
  timeZone?: string | undefined;
  /** Where the link in the mail leads; must be on the project's list. */
  redirectTo?: string | undefined;
}

export interface SignInInput {
  email: string;
  password: string;
  /** `device` when left out. */
  remember?: Remember | undefined;
}

export type MailKind = "signup" | "email" | "recovery" | "email_change" | "invite" | "magiclink";

/** The code from a mail with the address that it went to, or the token of the link. */
export type MailProof =
  | { email: string; code: string; kind?: MailKind | undefined }
  | { tokenHash: string; kind?: MailKind | undefined };

export interface SessionInfo {
  id: string;
  createdAt: string;
  lastUsedAt: string | null;
  userAgent: string | null;
  ip: string | null;
  /** True for the session that asks. */
  current: boolean;
}

export interface TotpEnrolment {
  factorId: string;
  /** Base32, for typing into an authenticator by hand. */
  secret: string;
  /** `otpauth://…`, for a QR code. */
  uri: string;
  /** The QR code as an SVG data URL. */
  qrCode: string;
}

export interface Factor {
  id: string;
  name: string | null;
  verified: boolean;
  createdAt: string;
}

export interface Totp {
  enrol(options?: CallOptions & { name?: string | undefined }): Promise<TotpEnrolment>;
  /** Proves a freshly enrolled factor with its first code. */
  verify(factorId: string, code: string, options?: CallOptions): Promise<Session>;
  /** Gives the second factor after `signIn` said `needsSecondFactor`. */
  challenge(code: string, options?: CallOptions & { factorId?: string | undefined }): Promise<Session>;
  list(options?: CallOptions): Promise<Factor[]>;
  remove(factorId: string, options?: CallOptions): Promise<void>;
}

export type AuthEvent =
  | "signedIn"
  | "signedOut"
  | "refreshed"
  | "userUpdated"
  | "recovery"
  | "initial"
  | "secondFactor";

export interface Sessions {
  list(options?: CallOptions): Promise<SessionInfo[]>;
  /** Ends one other session; its requests are refused at once. */
  revoke(sessionId: string, options?: CallOptions): Promise<void>;
}

export interface Auth {
  /**
   * Creates the account and has the confirmation mail sent; `session` is null until it is confirmed. The username is
   * looked at now and given with the confirmation: should somebody else confirm it first, a generated one stays in
   * its place, and `profiles.update({ username })` chooses another.
   */
  signUp(input: SignUpInput, options?: CallOptions): Promise<{ session: Session | null }>;
  /**
   * Confirms an address with the code or the link's token; signs in. Null when a change of address waits for the
   * other address to confirm as well.
   */
  confirm(proof: MailProof, options?: CallOptions): Promise<Session | null>;
  resend(
    email: string,
    options?: CallOptions & { kind?: "signup" | "email_change" | undefined },
  ): Promise<void>;
  signIn(input: SignInInput, options?: CallOptions): Promise<Session>;
  signOut(options?: CallOptions & { scope?: "here" | "others" | "everywhere" | undefined }): Promise<void>;
  /** Has a recovery mail sent if the address has an account; the answer is the same when it has none. */
  recover(email: string, options?: CallOptions & { redirectTo?: string | undefined }): Promise<void>;
  /** Sets a new password with the proof from the recovery mail, and signs in. */
  resetPassword(proof: MailProof & { password: string }, options?: CallOptions): Promise<Session>;
  updateEmail(email: string, options?: CallOptions & { redirectTo?: string | undefined }): Promise<User>;
  updatePassword(
    password: string,
    options?: CallOptions & { code?: string | undefined; currentPassword?: string | undefined },
  ): Promise<User>;
  /** Has a code mailed that `updatePassword` takes where the project asks for it. */
  reauthenticate(options?: CallOptions): Promise<void>;
  /** The session from storage, renewed if needed; null when signed out. */
  session(options?: CallOptions): Promise<Session | null>;
  /** The user as the server knows it now; null when signed out. */
  user(options?: CallOptions): Promise<User | null>;
  /** Moves the session to another place of safe-keeping. */
  remember(choice: Remember): Promise<void>;
  /** Calls `listener` now and on each change, outside of every lock; returns its own unsubscribe. */
  onChange(listener: (event: AuthEvent, session: Session | null) => void): () => void;
  sessions: Sessions;
  totp: Totp;
}
