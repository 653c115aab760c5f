import type { AuthContext, Call, Db, Json } from "./context.ts";
import { AuthError, banned } from "./errors.ts";
import { isUuid } from "./http.ts";
import type { Method, Origin, SessionRow } from "./store/sessions.ts";
import { addMethod, findSession, insertRefreshToken, insertSession, methodsOf } from "./store/sessions.ts";
import { userJson } from "./store/user-json.ts";
import type { UserRow } from "./store/users.ts";
import { findUser, isBanned } from "./store/users.ts";

export const originOf = (call: Call): Origin => ({
  ip: call.ip,
  userAgent: call.request.headers.get("user-agent"),
});

/** The body of every successful sign-in and refresh. */
export async function sessionJson(
  auth: AuthContext,
  db: Db,
  parts: { user: UserRow; session: SessionRow; refreshToken: string },
): Promise<Json> {
  const { user, session, refreshToken } = parts;
  const amr = await methodsOf(db, session.id);
  const { token, expiresAt } = await auth.tokens.accessToken(user, session, amr);
  return {
    access_token: token,
    token_type: "bearer",
    expires_in: auth.settings.tokenLifetime,
    expires_at: expiresAt,
    refresh_token: refreshToken,
    user: await userJson(db, user),
  };
}

/** Opens a session for a user who has just proven who they are. */
export async function openSession(
  auth: AuthContext,
  db: Db,
  call: Call,
  proven: { user: UserRow; method: Method },
): Promise<Json> {
  const session = await insertSession(db, proven.user.id, originOf(call));
  await addMethod(db, session.id, proven.method);
  const refreshToken = await insertRefreshToken(db, session, null);
  const [user] = await db<UserRow[]>`
    update auth.users set last_sign_in_at = now(), updated_at = now() where id = ${proven.user.id} returning *`;
  if (user === undefined) throw new Error(`opening a session for ${proven.user.id}: no such user`);
  await db`
    update auth.identities set last_sign_in_at = now(), updated_at = now()
    where user_id = ${user.id} and provider = 'email'`;
  return sessionJson(auth, db, { user, session, refreshToken });
}

export interface SignedIn {
  user: UserRow;
  session: SessionRow;
}

/**
 * The caller's user and session, read anew: a token outlives sign-out and deletion, its rows do not.
 *
 * @throws no_authorization, bad_jwt, session_not_found, user_not_found
 */
export async function knownSession(auth: AuthContext, call: Call): Promise<SignedIn> {
  const { caller } = call;
  if (caller.token === null) {
    throw new AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token");
  }
  const { sub, session_id: sessionId } = caller.claims;
  if (!isUuid(sub)) throw new AuthError(403, "bad_jwt", "invalid claim: sub claim must be a UUID");
  if (!isUuid(sessionId))
    throw new AuthError(403, "bad_jwt", "invalid claim: session_id claim must be a UUID");
  const user = await findUser(auth.sql, sub);
  if (user === null) throw new AuthError(403, "user_not_found", "User from sub claim in JWT does not exist");
  const session = await findSession(auth.sql, sessionId);
  if (session === null || session.user_id !== user.id) {
    throw new AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist");
  }
  return { user, session };
}

/** The caller's user and session, where no ban stands against them (user_banned). */
export async function requireUser(auth: AuthContext, call: Call): Promise<SignedIn> {
  const signedIn = await knownSession(auth, call);
  if (isBanned(signedIn.user)) throw banned();
  return signedIn;
}

/** @throws not_admin unless the caller holds a secret key or a service_role token */
export function requireAdmin(call: Call): void {
  if (call.caller.role === "service_role") return;
  if (call.caller.token === null) {
    throw new AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token");
  }
  throw new AuthError(403, "not_admin", "User not allowed");
}
