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
  const text = "select realtime.is_live($1, $2) as live";
  const [row] = await database.query<{ live: boolean }>(text, [session, user], "is_live");
  if (!row?.live) throw new RefusedError("InvalidJWTToken", "The session of the token has ended");
}
