import type { Database } from "./database.ts";
import { type Identity, RefusedError } from "./identity.ts";

/**
 * Refuses a token whose session has ended or whose user was banned or deleted: its signature holds until it
 * expires, and a channel that was closed for that reason would otherwise be joined anew at once.
 * @throws RefusedError
 */
export async function checkSession(database: Database, { claims }: Identity): Promise<void> {
  const { session_id: session, sub: user } = claims;
  if (typeof session !== "string" || typeof user !== "string") return;
  const rows = await database.query(alive, [session, user]);
  if (rows.length === 0) throw new RefusedError("InvalidJWTToken", "The session of the token has ended");
}

// Compared as text: a claim that is no uuid finds nothing, and fails nothing.
const alive = `
  select from auth.sessions s join auth.users u on u.id = s.user_id
  where s.id::text = $1 and u.id::text = $2 and u.deleted_at is null
    and (u.banned_until is null or u.banned_until <= now())`;
