import type { AuthContext, Call, Db } from "./context.ts";
import { confirmEmailChange } from "./email-change.ts";
import { banned, invalid, otpExpired } from "./errors.ts";
import { actorOf, audit } from "./store/audit.ts";
import type { FoundToken, TokenKind } from "./store/one-time.ts";
import { claimOneTime, dropOneTime } from "./store/one-time.ts";
import type { Method } from "./store/sessions.ts";
import type { UserRow } from "./store/users.ts";
import { confirmEmail, isBanned, lockUser } from "./store/users.ts";

const KINDS: Record<string, readonly TokenKind[]> = {
  signup: ["confirmation_token"],
  invite: ["confirmation_token"],
  recovery: ["recovery_token"],
  magiclink: ["recovery_token"],
  email: ["confirmation_token", "recovery_token"],
  email_change: ["email_change_token_new", "email_change_token_current"],
};

/** The kinds of token that a verification type stands for. */
export function kindsOf(type: string): readonly TokenKind[] {
  const kinds = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kinds === undefined)
    throw invalid(`Unsupported verification type ${JSON.stringify(type.slice(0, 40))}`);
  return kinds;
}

/** How the flow of this kind of link was noted when it began. */
export function flowMethod(kind: TokenKind, type: string): Method {
  if (kind === "confirmation_token") return type === "invite" ? "invite" : "email/signup";
  if (kind === "recovery_token") return type === "recovery" ? "recovery" : "magiclink";
  return "email_change";
}

export interface Proven {
  /** Null while a change of address waits for its second mail. */
  user: UserRow | null;
}

/**
 * Uses a token up and does what it stands for: confirm the address, sign in, change the address. The user's row is
 * held, so that of two requests with one token exactly one comes through.
 *
 * @throws otp_expired, user_banned, email_exists
 */
export async function proveOwner(
  auth: AuthContext,
  db: Db,
  call: Call,
  token: FoundToken & { hash: string },
): Promise<Proven> {
  const user = await lockUser(db, token.userId);
  if (user === null || !(await claimOneTime(db, auth.settings, token))) throw otpExpired();
  if (isBanned(user)) throw banned();
  if (token.kind === "confirmation_token") {
    const action = user.invited_at === null ? "user_signedup" : "invite_accepted";
    await audit(db, call, actorOf(user), action, { provider: "email" });
    return { user: await confirmEmail(db, user.id) };
  }
  if (token.kind === "recovery_token") {
    await audit(db, call, actorOf(user), "login", { provider: "email" });
    if (user.email_confirmed_at !== null) return { user };
    await dropOneTime(db, user.id, ["confirmation_token"]);
    return { user: await confirmEmail(db, user.id) };
  }
  await audit(db, call, actorOf(user), "user_modified");
  return { user: await confirmEmailChange(auth, db, user) };
}
