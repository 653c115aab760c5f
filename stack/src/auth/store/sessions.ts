import { randomUUID } from "node:crypto";
import type { Db } from "../context.ts";
import { newRefreshToken } from "../secrets.ts";
import type { AmrEntry } from "../tokens.ts";

export interface SessionRow {
  id: string;
  user_id: string;
  created_at: Date;
  aal: "aal1" | "aal2" | "aal3" | null;
  not_after: Date | null;
  refreshed_at: Date | null;
  factor_id: string | null;
}

/** How a session began or rose, in the words of the `amr` claim. */
export type Method =
  | "password"
  | "otp"
  | "totp"
  | "anonymous"
  | "email/signup"
  | "magiclink"
  | "recovery"
  | "invite"
  | "email_change";

export interface Origin {
  ip: string;
  userAgent: string | null;
}

/** `refreshed_at` has no time zone in the real table; it holds UTC. */
export async function findSession(db: Db, id: string): Promise<SessionRow | null> {
  const [row] = await db<SessionRow[]>`
    select id, user_id, created_at, aal, not_after, refreshed_at at time zone 'utc' as refreshed_at, factor_id
    from auth.sessions where id = ${id}`;
  return row ?? null;
}

export async function insertSession(db: Db, userId: string, origin: Origin): Promise<SessionRow> {
  const [row] = await db<SessionRow[]>`
    insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
    values (${randomUUID()}, ${userId}, now(), now(), 'aal1', ${origin.userAgent}, ${addressOf(origin.ip)})
    returning id, user_id, created_at, aal, not_after, null::timestamptz as refreshed_at, factor_id`;
  if (row === undefined) throw new Error("inserting a session returned no row, want one");
  return row;
}

/** `inet` takes no host names; an unknown caller has no address rather than no session. */
export function addressOf(ip: string): string | null {
  return /^[0-9a-f:.]+$/i.test(ip) ? ip : null;
}

export async function addMethod(db: Db, sessionId: string, method: Method): Promise<void> {
  await db`
    insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
    values (${randomUUID()}, ${sessionId}, now(), now(), ${method})
    on conflict (session_id, authentication_method) do update set updated_at = now()`;
}

/** The session's methods, latest first, as the `amr` claim lists them. */
export async function methodsOf(db: Db, sessionId: string): Promise<AmrEntry[]> {
  return db<AmrEntry[]>`
    select authentication_method as method, floor(extract(epoch from updated_at))::int as timestamp
    from auth.mfa_amr_claims where session_id = ${sessionId} order by updated_at desc, authentication_method`;
}

/** @param parent the token that this one replaces; null for a session's first */
export async function insertRefreshToken(
  db: Db,
  session: SessionRow,
  parent: string | null,
): Promise<string> {
  const token = newRefreshToken();
  await db`
    insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
    values ('00000000-0000-0000-0000-000000000000', ${token}, ${session.user_id}, false, now(), now(),
            ${parent}, ${session.id})`;
  return token;
}

/** Ends sessions; their refresh tokens go with them, and access tokens are refused by their session_id. */
export async function endSessions(
  db: Db,
  scope: { userId: string; only?: string; except?: string },
): Promise<void> {
  await db`
    delete from auth.sessions
    where user_id = ${scope.userId}
      and (${scope.only ?? null}::uuid is null or id = ${scope.only ?? null}::uuid)
      and (${scope.except ?? null}::uuid is null or id <> ${scope.except ?? null}::uuid)`;
}
