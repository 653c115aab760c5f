import { DatabaseRefusal } from "../_shared/admin.ts";
import { createHandler, type Deps, type Handler } from "../_shared/handler.ts";
import { Problem } from "../_shared/problem.ts";

/** What a token of a mail looks like; whether it is right, the database says. */
const form = /^[\w.-]{10,200}$/;

/**
 * `POST /functions/v1/unsubscribe?token=…`: what a mail program calls when its reader clicks once (RFC 8058), without
 * key, account or cookie. What the body says is of no importance. A link that is only looked at (GET) changes nothing.
 */
export const createUnsubscribe = (deps: Deps): Handler =>
  createHandler(
    {
      name: "unsubscribe",
      method: "POST",
      callers: ["none", "publishable", "user", "secret"],
      rate: { most: 60, seconds: 60 },
      async handle({ request }) {
        const token = new URL(request.url).searchParams.get("token") ?? "";
        if (!form.test(token)) throw notOurs();
        const kind = await deps.admin().rpc<string>("mail_unsubscribe", { token }).catch(refusal);
        return { unsubscribed: kind };
      },
    },
    deps,
  );

const notOurs = (cause?: unknown) =>
  new Problem(400, "USAGE_INVALID", "This is no link out of our mail", {
    field: "token",
    rule: "the whole link, as it was mailed",
    cause,
  });

/** What our own SQL refuses is the token; anything else is a fault of ours. */
function refusal(error: unknown): never {
  const cause = error instanceof Problem ? error.cause : null;
  throw cause instanceof DatabaseRefusal && cause.code === "TK001" ? notOurs(error) : error;
}
