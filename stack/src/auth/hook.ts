import { randomUUID } from "node:crypto";
import type { AuthContext, Call, Json } from "./context.ts";
import { AuthError, unexpected } from "./errors.ts";

const URI = /^pg-functions:\/\/postgres\/([A-Za-z_]\w*)\/([A-Za-z_]\w*)$/;
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
  const [, schema, name] = URI.exec(hookUri) ?? [];
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
  const answer = await auth.sql.begin(async (tx) => {
    await tx`select set_config('statement_timeout', ${String(TIMEOUT_MS)}, true)`;
    const [row] = await tx<{ answer: Json | null }[]>`
      select ${tx(schema)}.${tx(name)}(${tx.json(event as never)}::jsonb) as answer`;
    return row?.answer ?? null;
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
