import { randomUUID } from "node:crypto";
import postgres from "postgres";
import type { AuthContext, Call, Json } from "./context.ts";
import { AuthError, unexpected } from "./errors.ts";
import { HOOK_URI } from "./hook-uri.ts";

/** As hosted allows a Postgres hook. */
const TIMEOUT_MS = 2000;

/**
 * Asks the project's before_user_created hook, when one is set, whether this user may be made.
 *
 * @param user the user as it would be, in its public form
 * @throws what the hook refuses with: its http_code and message
 */
export async function askBeforeUserCreated(auth: AuthContext, call: Call, user: Json): Promise<void> {
  const { hookUri } = auth.settings;
  if (hookUri === null) return;
  const [, schema, name] = HOOK_URI.exec(hookUri) ?? [];
  if (schema === undefined || name === undefined) {
    throw unexpected(`Calling the hook ${hookUri}: want pg-functions://postgres/<schema>/<function>`);
  }
  const event = {
    metadata: {
      uuid: randomUUID(),
      time: new Date().toISOString(),
      name: "before-user-created",
      ip_address: call.ip,
    },
    user,
  };
  const answer = await auth.sql
    .begin(async (tx) => {
      await tx`select set_config('statement_timeout', ${String(TIMEOUT_MS)}, true)`;
      const [row] = await tx<{ answer: Json | null }[]>`
      select ${tx(schema)}.${tx(name)}(${tx.json(event as never)}::jsonb) as answer`;
      return row?.answer ?? null;
    })
    .catch((error: unknown) => {
      // query_canceled, by the timeout above.
      const late = error instanceof postgres.PostgresError && error.code === "57014";
      throw late
        ? new AuthError(
            422,
            "hook_timeout",
            `Failed to reach hook within maximum time of ${TIMEOUT_MS / 1000} seconds`,
          )
        : error;
    });
  const refusal = answer?.error;
  if (typeof refusal !== "object" || refusal === null) return;
  const { http_code: status, message } = refusal as Json;
  const valid = typeof status === "number" && status >= 400 && status <= 599 ? status : 500;
  throw new AuthError(
    valid,
    valid === 500 ? "unexpected_failure" : "unknown",
    typeof message === "string" && message !== "" ? message : "The request was refused by a hook",
  );
}
