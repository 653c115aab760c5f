import type { Handler } from "../context.ts";
import { AuthError, invalid } from "../errors.ts";
import { empty } from "../http.ts";
import { actorOf, audit } from "../store/audit.ts";
import { endSessions, findSession } from "../store/sessions.ts";
import { findUser } from "../store/users.ts";

/** POST /logout: ends the caller's session, all of theirs, or all others; open to the banned too. */
export const logout: Handler = async (auth, call) => {
  const scope = call.url.searchParams.get("scope") ?? "global";
  if (scope !== "global" && scope !== "local" && scope !== "others") {
    throw invalid(
      `Unsupported logout scope ${JSON.stringify(scope.slice(0, 40))}, want global, local or others`,
    );
  }
  const { sub, session_id: sessionId } = call.caller.claims;
  if (call.caller.token === null || typeof sub !== "string" || typeof sessionId !== "string") {
    throw new AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token");
  }
  const user = await findUser(auth.sql, sub);
  if (user === null) throw new AuthError(403, "user_not_found", "User from sub claim in JWT does not exist");
  const session = await findSession(auth.sql, sessionId);
  if (session === null || session.user_id !== sub) {
    throw new AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist");
  }
  await auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(user), "logout");
    await endSessions(tx, {
      userId: sub,
      ...(scope === "local" ? { only: sessionId } : {}),
      ...(scope === "others" ? { except: sessionId } : {}),
    });
  });
  return empty();
};
