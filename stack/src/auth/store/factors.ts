import { randomUUID } from "node:crypto";
import type { Db } from "../context.ts";
import { AuthError } from "../errors.ts";
import type { SessionRow } from "./sessions.ts";
import { addressOf, insertRefreshToken } from "./sessions.ts";
import type { FactorRow } from "./user-json.ts";

export async function factorsOf(db: Db, userId: string): Promise<FactorRow[]> {
  return db<FactorRow[]>`select * from auth.mfa_factors where user_id = ${userId} order by created_at, id`;
}

/** A secret that nobody has shown a code of within five minutes was never kept. */
export async function dropStaleFactors(db: Db, userId: string): Promise<void> {
  await db`
    delete from auth.mfa_factors
    where user_id = ${userId} and status = 'unverified' and created_at < now() - interval '5 minutes'`;
}

export async function insertFactor(db: Db, userId: string, name: string, secret: string): Promise<FactorRow> {
  const [row] = await db<FactorRow[]>`
    insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
    values (${randomUUID()}, ${userId}, ${name}, 'totp', 'unverified', ${secret}, now(), now()) returning *`;
  if (row === undefined) throw new Error("inserting a factor returned no row, want one");
  return row;
}

export interface ChallengeRow {
  id: string;
  ip_address: string;
  expires_at: number;
  expired: boolean;
}

/** Seconds in which a challenge can be answered (the real server's default). */
const CHALLENGE_LIFETIME = 300;

export async function insertChallenge(db: Db, factorId: string, ip: string): Promise<ChallengeRow> {
  // `last_challenged_at` is unique across factors in the real table; clock_timestamp() differs between two at once.
  await db`update auth.mfa_factors set last_challenged_at = clock_timestamp() where id = ${factorId}`;
  const [row] = await db<ChallengeRow[]>`
    insert into auth.mfa_challenges (id, factor_id, created_at, ip_address)
    values (${randomUUID()}, ${factorId}, now(), ${addressOf(ip) ?? "0.0.0.0"})
    returning id, host(ip_address) as ip_address, false as expired,
              floor(extract(epoch from created_at))::int + ${CHALLENGE_LIFETIME}::int as expires_at`;
  if (row === undefined) throw new Error("inserting a challenge returned no row, want one");
  return row;
}

/** Takes a challenge out, so that it is answered once; a wrong answer puts it back with the transaction. */
export async function claimChallenge(db: Db, factorId: string, id: string): Promise<ChallengeRow> {
  const [row] = await db<ChallengeRow[]>`
    delete from auth.mfa_challenges where id = ${id} and factor_id = ${factorId}
    returning id, host(ip_address) as ip_address, 0 as expires_at,
              created_at < now() - make_interval(secs => ${CHALLENGE_LIFETIME}) as expired`;
  if (row === undefined) {
    throw new AuthError(422, "mfa_factor_not_found", "MFA factor with the provided challenge ID not found");
  }
  return row;
}

/** Raises the session to aal2 and rotates its refresh token, which must not outlive the lower level. */
export async function raiseSession(
  db: Db,
  session: SessionRow,
  factorId: string,
): Promise<{ session: SessionRow; refreshToken: string }> {
  await db`
    update auth.sessions set aal = 'aal2', factor_id = ${factorId}, updated_at = now() where id = ${session.id}`;
  const [parent] = await db<{ token: string }[]>`
    update auth.refresh_tokens set revoked = true, updated_at = now()
    where session_id = ${session.id} and revoked = false returning token`;
  const raised: SessionRow = { ...session, aal: "aal2", factor_id: factorId };
  return { session: raised, refreshToken: await insertRefreshToken(db, raised, parent?.token ?? null) };
}

/** Ends the sessions that have not shown the second factor, once there is one. */
export async function endLowerSessions(db: Db, userId: string): Promise<void> {
  await db`delete from auth.sessions where user_id = ${userId} and aal = 'aal1'`;
}

/** Removes a factor; sessions that rose by it fall back. */
export async function removeFactor(db: Db, factorId: string): Promise<void> {
  await db`update auth.sessions set aal = 'aal1', factor_id = null, updated_at = now() where factor_id = ${factorId}`;
  await db`delete from auth.mfa_factors where id = ${factorId}`;
}
