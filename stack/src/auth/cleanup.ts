import type { AuthContext } from "./context.ts";
import { describe } from "./describe.ts";

const EVERY_MS = 10 * 60 * 1000;
/** Rows per table and run: a clean-up never holds a request up for long. */
const AT_MOST = 1000;

/**
 * Makes the function that removes what has been dead for a day, at most every ten minutes and beside a request, never
 * before its answer. Without it every refresh would leave a row for ever.
 */
export function createCleanup(): (auth: AuthContext) => void {
  let last = Date.now();
  return (auth) => {
    if (Date.now() - last < EVERY_MS) return;
    last = Date.now();
    cleanUp(auth).catch((error: unknown) => {
      auth.log.warn("auth.cleanup_failed", describe(error));
    });
  };
}

/** Removes dead rows. Revoked tokens stay a day, so that their reuse is still noticed. */
export async function cleanUp({ sql, settings }: AuthContext): Promise<void> {
  await sql`
    delete from auth.refresh_tokens where id in (
      select id from auth.refresh_tokens
      where revoked and updated_at < now() - interval '1 day' limit ${AT_MOST})`;
  await sql`
    delete from auth.sessions where id in (
      select id from auth.sessions
      where not_after < now() - interval '1 day'
         or (${settings.timebox}::float8 > 0
             and created_at < now() - interval '1 day' - make_interval(secs => ${settings.timebox}::float8))
         or (${settings.inactivity}::float8 > 0
             and coalesce(refreshed_at at time zone 'utc', created_at)
                 < now() - interval '1 day' - make_interval(secs => ${settings.inactivity}::float8))
      limit ${AT_MOST})`;
  await sql`
    delete from auth.flow_state where id in (
      select id from auth.flow_state where created_at < now() - interval '1 day' limit ${AT_MOST})`;
  await sql`
    delete from auth.mfa_challenges where id in (
      select id from auth.mfa_challenges where created_at < now() - interval '1 day' limit ${AT_MOST})`;
}
