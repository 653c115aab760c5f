import { randomUUID } from "node:crypto";
import type { Db, Json } from "./context.ts";
import { AuthError, invalid } from "./errors.ts";
import { text } from "./http.ts";
import { challengeOf, sameText } from "./secrets.ts";
import type { Method } from "./store/sessions.ts";

/** Codes older than this are dead (the real server's default, in seconds). */
const FLOW_LIFETIME = 300;

export interface Challenge {
  value: string;
  method: "s256" | "plain";
}

/** Reads `code_challenge` and its method from a body; null where the flow is the implicit one. */
export function challengeIn(body: Json): Challenge | null {
  const value = text(body, "code_challenge");
  const method = text(body, "code_challenge_method").toLowerCase();
  if (value === "" && method === "") return null;
  if (value === "" || method === "") {
    throw invalid("PKCE flow requires code_challenge_method and code_challenge");
  }
  if (method !== "s256" && method !== "plain")
    throw invalid(`Invalid code challenge method ${method}, want s256`);
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(value)) throw invalid("Code challenge does not conform to RFC 7636");
  return { value, method };
}

/** Notes the challenge of a flow that a mail link will finish. */
export async function beginFlow(db: Db, userId: string, challenge: Challenge, method: Method): Promise<void> {
  await db`
    insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type,
      authentication_method, created_at, updated_at)
    values (${randomUUID()}, ${userId}, ${randomUUID()}, ${challenge.method}, ${challenge.value}, 'email', ${method},
      now(), now())`;
}

/** The code that a followed link hands to the page, for the device that began the flow. */
export async function issueAuthCode(db: Db, userId: string, method: Method): Promise<string> {
  const [row] = await db<{ auth_code: string }[]>`
    update auth.flow_state set auth_code_issued_at = now(), updated_at = now()
    where id = (select id from auth.flow_state where user_id = ${userId} and authentication_method = ${method}
                order by created_at desc limit 1)
    returning auth_code`;
  if (row === undefined) throw new AuthError(404, "flow_state_not_found", "No associated flow state found");
  return row.auth_code;
}

/**
 * Trades a code and its verifier for the user who began the flow; a code works once.
 *
 * @throws flow_state_not_found, flow_state_expired, bad_code_verifier
 */
export async function finishFlow(
  db: Db,
  code: string,
  verifier: string,
): Promise<{ userId: string; method: Method }> {
  const missing = new AuthError(404, "flow_state_not_found", "invalid flow state, no valid flow state found");
  const [flow] = await db<
    {
      id: string;
      user_id: string | null;
      method: Method;
      kind: "s256" | "plain";
      challenge: string;
      fresh: boolean;
    }[]
  >`
    select id, user_id, authentication_method as method, code_challenge_method as kind, code_challenge as challenge,
           auth_code_issued_at > now() - make_interval(secs => ${FLOW_LIFETIME}) as fresh
    from auth.flow_state where auth_code = ${code} and auth_code_issued_at is not null for update`;
  if (flow === undefined || flow.user_id === null) throw missing;
  if (!flow.fresh) {
    throw new AuthError(403, "flow_state_expired", "invalid flow state, flow state has expired");
  }
  if (!sameText(challengeOf(verifier, flow.kind), flow.challenge)) {
    throw new AuthError(
      400,
      "bad_code_verifier",
      "code challenge does not match previously saved code verifier",
    );
  }
  await db`delete from auth.flow_state where id = ${flow.id}`;
  return { userId: flow.user_id, method: flow.method };
}
