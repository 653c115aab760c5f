import type { Db } from "../context.ts";
import { AuthError, banned } from "../errors.ts";
import type { Settings } from "../settings.ts";
import type { Origin, SessionRow } from "./sessions.ts";
import { addressOf, insertRefreshToken } from "./sessions.ts";
import type { UserRow } from "./users.ts";
import { findUser, isBanned } from "./users.ts";

export interface Rotated {
  user: UserRow;
  session: SessionRow;
  refreshToken: string;
}

interface TokenRow {
  token: string;
  revoked: boolean;
  parent: string | null;
  session_id: string;
  /** Still within `refresh_token_reuse_interval` of its replacement. */
  reusable: boolean;
}

const notFound = (): AuthError =>
  new AuthError(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");

const expired = (why = ""): AuthError =>
  new AuthError(400, "session_expired", `Invalid Refresh Token: Session Expired${why}`);

function checkAge(settings: Settings, session: SessionRow): void {
  const now = Date.now();
  const lastUse = session.refreshed_at ?? session.created_at;
  if (session.not_after !== null && session.not_after.getTime() < now) throw expired();
  if (settings.timebox > 0 && session.created_at.getTime() + settings.timebox * 1000 < now) throw expired();
  if (settings.inactivity > 0 && lastUse.getTime() + settings.inactivity * 1000 < now) {
    throw expired(" (Inactivity)");
  }
}

/** Holds the session's row, so that two refreshes of one session happen one after the other. */
async function lockSession(db: Db, token: string): Promise<SessionRow> {
  const [row] = await db<SessionRow[]>`
    select id, user_id, created_at, aal, not_after, refreshed_at at time zone 'utc' as refreshed_at, factor_id
    from auth.sessions where id = (select session_id from auth.refresh_tokens where token = ${token}) for update`;
  if (row === undefined) throw notFound();
  return row;
}

async function readToken(db: Db, settings: Settings, token: string): Promise<TokenRow> {
  const [row] = await db<TokenRow[]>`
    select token, revoked, parent, session_id,
           updated_at + make_interval(secs => ${settings.reuseInterval}) >= now() as reusable
    from auth.refresh_tokens where token = ${token}`;
  if (row === undefined) throw notFound();
  return row;
}

/**
 * The token that a used one stands for now: its own child (a client that never stored the answer asks again), or,
 * within the reuse interval, whatever the session has come to. Null means that the token was stolen or is stale.
 */
async function successorOf(db: Db, used: TokenRow): Promise<string | null> {
  const [active] = await db<{ token: string; parent: string | null }[]>`
    select token, parent from auth.refresh_tokens
    where session_id = ${used.session_id} and revoked = false order by id desc limit 1`;
  if (active === undefined) return null;
  return active.parent === used.token || used.reusable ? active.token : null;
}

/**
 * Trades a refresh token for the next. Reuse of a token that is neither the last but one nor fresh revokes every token
 * of its session.
 *
 * @returns null after such a revocation: the caller commits it, then refuses with refresh_token_already_used
 * @throws refresh_token_not_found, session_expired, user_banned
 */
export async function rotate(
  db: Db,
  settings: Settings,
  token: string,
  origin: Origin,
): Promise<Rotated | null> {
  const session = await lockSession(db, token);
  const user = await findUser(db, session.user_id);
  if (user === null) throw notFound();
  if (isBanned(user)) throw banned(400);
  checkAge(settings, session);
  const current = await readToken(db, settings, token);
  if (current.revoked) {
    const successor = await successorOf(db, current);
    if (successor !== null) return { user, session, refreshToken: successor };
    if (settings.rotation) await revokeFamily(db, session.id);
    return null;
  }
  await db`update auth.refresh_tokens set revoked = true, updated_at = now() where token = ${token}`;
  const refreshToken = await insertRefreshToken(db, session, token);
  await db`
    update auth.sessions
    set refreshed_at = now() at time zone 'utc', updated_at = now(),
        user_agent = ${origin.userAgent}, ip = ${addressOf(origin.ip)}
    where id = ${session.id}`;
  return { user, session, refreshToken };
}

async function revokeFamily(db: Db, sessionId: string): Promise<void> {
  await db`
    update auth.refresh_tokens set revoked = true, updated_at = now()
    where session_id = ${sessionId} and revoked = false`;
}
