import { userId } from "../auth/session.ts";
import type { Connection } from "../connect.ts";
import { isTrackItError } from "../errors.ts";
import { call } from "../transport/rest.ts";

/**
 * Policies show nothing to a session that has been ended elsewhere, or to a suspended account: an empty answer may
 * mean either. Asks a function that refuses such callers with the reason.
 *
 * @throws AUTH_REQUIRED or AUTH_SUSPENDED when the caller may not act any more.
 */
export async function throwIfNotLive(
  connection: Connection,
  action: string,
  signal?: AbortSignal,
): Promise<void> {
  if ((await userId(connection, action, signal)) === null) return;
  await call(connection.client, "my_sessions", {}, action, signal);
}

/** Runs a write, and gives a refusal of the policies its true reason. */
export async function explained<T>(
  connection: Connection,
  action: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTrackItError(error, "ACCESS_DENIED")) await throwIfNotLive(connection, action, signal);
    throw error;
  }
}
