import type pg from "pg";
import { Exchange } from "../database/exchange.ts";
import { isPostgresError } from "../error-reply.ts";
import { type RequestFacts, settingsSql, settingsValues } from "../settings.ts";

/** BEGIN and the settings of a request in one round trip, then what is to be done, then COMMIT or ROLLBACK. */
export async function inTransaction<T>(
  client: pg.ClientBase,
  facts: RequestFacts,
  run: () => Promise<T>,
): Promise<T> {
  try {
    await begin(client, facts);
    const answer = await run();
    await client.query("commit");
    return answer;
  } catch (error) {
    if (!isOutOfReach(error)) await client.query("rollback");
    throw error;
  }
}

function begin(client: pg.ClientBase, facts: RequestFacts): Promise<void> {
  const statements = [
    { name: "begin", text: "begin", values: [] },
    { name: "settings", text: settingsSql, values: settingsValues(facts) },
  ];
  return new Promise((resolve, reject) => {
    client.query(new Exchange(statements, (error) => (error ? reject(error) : resolve())));
  });
}

/** Whether the connection has gone: no error of Postgres at all, or the last one before it hangs up. */
export function isOutOfReach(error: unknown): boolean {
  if (isPostgresError(error)) return "severity" in error && error.severity !== "ERROR";
  return (
    error instanceof Error &&
    /^Connection terminated|^Client has encountered a connection error/.test(error.message)
  );
}
