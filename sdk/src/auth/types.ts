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

/** The second factor: codes from an authenticator app (TOTP, RFC 6238). */
export interface Totp {
  /**
   * Begins to enrol an authenticator; `verify` ends it.
   *
   * @returns What the authenticator needs, as QR code, address and text; shown once.
   * @throws AUTH_FACTOR, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * const { factorId, qrCode } = await trackit.auth.totp.enrol({ name: "phone" });
   * await trackit.auth.totp.verify(factorId, "123456");
   * ```
   */
  enrol(options?: CallOptions & { name?: string | undefined }): Promise<TotpEnrolment>;
  /**
   * Proves a freshly enrolled factor with its first code; other sessions will be asked for it.
   *
   * @throws AUTH_FACTOR, USAGE_INVALID, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.totp.verify(factorId, "123456");
   * ```
   */
  verify(factorId: string, code: string, options?: CallOptions): Promise<Session>;
  /**
   * Gives the second factor after `signIn` said `needsSecondFactor`.
   *
   * @throws AUTH_FACTOR, USAGE_INVALID, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * const session = await trackit.auth.signIn({ email, password });
   * if (session.needsSecondFactor) await trackit.auth.totp.challenge("123456");
   * ```
   */
  challenge(code: string, options?: CallOptions & { factorId?: string | undefined }): Promise<Session>;
  /**
   * @throws AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * const factors = await trackit.auth.totp.list();
   * ```
   */
  list(options?: CallOptions): Promise<Factor[]>;
  /**
   * Takes a factor away; asks for it first, if it is verified.
   *
   * @throws AUTH_SECOND_FACTOR, AUTH_FACTOR, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.totp.remove(factorId);
   * ```
   */
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
  /**
   * The account's open sessions, newest first; `current` is the one that asks.
   *
   * @throws AUTH_REQUIRED, AUTH_SUSPENDED, NETWORK_ codes
   * @example
   * ```ts
   * for (const { userAgent, lastUsedAt, current } of await trackit.auth.sessions.list()) {
   *   console.log(userAgent, lastUsedAt, current);
   * }
   * ```
   */
  list(options?: CallOptions): Promise<SessionInfo[]>;
  /**
   * Ends one session; its next request is refused.
   *
   * @throws ACCESS_NOT_FOUND, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * const [oldest] = (await trackit.auth.sessions.list()).reverse();
   * if (oldest && !oldest.current) await trackit.auth.sessions.revoke(oldest.id);
   * ```
   */
  revoke(sessionId: string, options?: CallOptions): Promise<void>;
}

export interface Auth {
  /**
   * Creates the account and has the confirmation mail sent. An address that has an account gets the same answer. The
   * username is looked at now and given with the confirmation: should somebody else confirm it first, a generated one
   * stands in its place, and `profiles.update({ username })` chooses another.
   *
   * @param input `locale` and `timeZone` are the runtime's when left out.
   * @returns `session` is null until the address is confirmed.
   * @throws CONFLICT_USERNAME_TAKEN, AUTH_PASSWORD_WEAK (with its rule), AUTH_SIGNUP_CLOSED, LIMIT_SIGNUPS, LIMIT_RATE,
   * USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.signUp({ email, password, username: "ada" });
   * await trackit.auth.confirm({ email, code: "123456" });
   * ```
   */
  signUp(input: SignUpInput, options?: CallOptions): Promise<{ session: Session | null }>;
  /**
   * Confirms an address with the mailed code, or with the token of the mailed link; signs in.
   *
   * @returns The session; null when a change of address waits for the other address to confirm as well.
   * @throws AUTH_CODE_INVALID, LIMIT_RATE, USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * const link = new URLSearchParams("token_hash=abcdefgh&type=signup");
   * await trackit.auth.confirm({ tokenHash: link.get("token_hash") ?? "", kind: "signup" });
   * ```
   */
  confirm(proof: MailProof, options?: CallOptions): Promise<Session | null>;
  /**
   * Has the confirmation mail sent again. The answer is the same for addresses without an account.
   *
   * @throws LIMIT_RATE (with `retryAfter`), USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.resend(email);
   * ```
   */
  resend(
    email: string,
    options?: CallOptions & { kind?: "signup" | "email_change" | undefined },
  ): Promise<void>;
  /**
   * Signs in with address and password.
   *
   * @param input `remember`: `device` (default) keeps the session for all tabs, `tab` for this tab, `never` in memory.
   * @throws AUTH_CREDENTIALS, AUTH_EMAIL_UNCONFIRMED, AUTH_SUSPENDED, LIMIT_RATE, USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * const session = await trackit.auth.signIn({ email, password, remember: "tab" });
   * ```
   */
  signIn(input: SignInInput, options?: CallOptions): Promise<Session>;
  /**
   * Signs out here (default), on all other devices, or everywhere. What is kept on this device, writes that wait in the
   * outbox and chat's keys and drafts among it, stays for this user's next sign-in, unless `local` says "wipe": then it is
   * deleted, and the device ends for the account's chat.
   *
   * @throws NETWORK_ codes; signing out here ends the session of this device all the same
   * @example
   * ```ts
   * await trackit.auth.signOut({ scope: "everywhere" });
   * ```
   */
  signOut(
    options?: CallOptions & {
      scope?: "here" | "others" | "everywhere" | undefined;
      local?: "keep" | "wipe" | undefined;
    },
  ): Promise<void>;
  /**
   * Has a recovery mail sent, if the address has an account; the answer is the same when it has none.
   *
   * @throws LIMIT_RATE (with `retryAfter`), USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.recover(email);
   * ```
   */
  recover(email: string, options?: CallOptions & { redirectTo?: string | undefined }): Promise<void>;
  /**
   * Sets a new password with the proof from the recovery mail, and signs in. After a refused password the same proof
   * may be used again with a better one.
   *
   * @throws AUTH_CODE_INVALID, AUTH_PASSWORD_WEAK, AUTH_PASSWORD_SAME, USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.resetPassword({ email, code: "123456", password: "correct horse battery 1" });
   * ```
   */
  resetPassword(proof: MailProof & { password: string }, options?: CallOptions): Promise<Session>;
  /**
   * Asks to change the address; it changes when both the old and the new one have confirmed.
   *
   * @returns The user, with `newEmail` while it waits.
   * @throws CONFLICT_EMAIL_TAKEN, LIMIT_RATE, USAGE_INVALID, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.updateEmail("ada@example.org");
   * ```
   */
  updateEmail(email: string, options?: CallOptions & { redirectTo?: string | undefined }): Promise<User>;
  /**
   * Changes the password.
   *
   * @param options `code`: from `reauthenticate`, where the session is old; `currentPassword`: where the project asks.
   * @throws AUTH_PASSWORD_WEAK, AUTH_PASSWORD_SAME, AUTH_CREDENTIALS (`currentPassword` is wrong),
   * AUTH_REAUTHENTICATION, AUTH_REQUIRED, USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.updatePassword("correct horse battery 1");
   * ```
   */
  updatePassword(
    password: string,
    options?: CallOptions & { code?: string | undefined; currentPassword?: string | undefined },
  ): Promise<User>;
  /**
   * Has a code mailed that `updatePassword` takes after AUTH_REAUTHENTICATION.
   *
   * @throws LIMIT_RATE, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.auth.reauthenticate();
   * await trackit.auth.updatePassword("correct horse battery 1", { code: "123456" });
   * ```
   */
  reauthenticate(options?: CallOptions): Promise<void>;
  /**
   * The session from where it is kept, renewed if it has run out; null when signed out.
   *
   * @throws NETWORK_ codes, when it had to be renewed and could not
   * @example
   * ```ts
   * const signedIn = (await trackit.auth.session()) !== null;
   * ```
   */
  session(options?: CallOptions): Promise<Session | null>;
  /**
   * The user as the server knows it now; null when signed out.
   *
   * @throws AUTH_SUSPENDED, NETWORK_ codes
   * @example
   * ```ts
   * console.log((await trackit.auth.user())?.email);
   * ```
   */
  user(options?: CallOptions): Promise<User | null>;
  /**
   * Moves the session to another place: `device`, `tab` or `never` (memory). Nothing stays behind.
   *
   * @throws USAGE_STORAGE on a client that the app has made itself
   * @example
   * ```ts
   * await trackit.auth.remember("tab");
   * ```
   */
  remember(choice: Remember): Promise<void>;
  /**
   * Calls `listener` once with the present state, and on each change, also when another tab signs in or out. It runs
   * outside of every lock: it may await any call of this client.
   *
   * @returns What ends it.
   * @example
   * ```ts
   * const stop = trackit.auth.onChange((event, session) => console.log(event, session?.user.email));
   * stop();
   * ```
   */
  onChange(listener: (event: AuthEvent, session: Session | null) => void): () => void;
  sessions: Sessions;
  totp: Totp;
}
