import { userId } from "../auth/session.ts";
import type { Connection } from "../connect.ts";
import { run, table } from "../transport/rest.ts";

/** Per connection, the zone of the user who is signed in: days begin where the profile says, not the machine. */
const known = new WeakMap<Connection, { user: string; timeZone: string }>();

export async function profileTimeZone(
  connection: Connection,
  action: string,
  signal?: AbortSignal,
): Promise<string> {
  const user = await userId(connection, action, signal);
  if (user === null) return "UTC";
  const cached = known.get(connection);
  if (cached?.user === user) return cached.timeZone;
  const [row] = await run(
    table(connection.client, "profiles").select("*").eq("id", user).limit(1),
    action,
    signal,
  );
  if (!row) return "UTC"; // a session that may not read: the list itself will say why
  rememberTimeZone(connection, user, row.time_zone);
  return row.time_zone;
}

/** True when another zone was known before. */
export function rememberTimeZone(connection: Connection, user: string, timeZone: string): boolean {
  const before = known.get(connection);
  known.set(connection, { user, timeZone });
  return before?.user === user && before.timeZone !== timeZone;
}
