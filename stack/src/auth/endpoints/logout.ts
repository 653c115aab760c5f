import type { Handler } from "../context.ts";
import { invalid } from "../errors.ts";
import { empty } from "../http.ts";
import { knownSession } from "../session.ts";
import { actorOf, audit } from "../store/audit.ts";
import { endSessions } from "../store/sessions.ts";

/** POST /logout: ends the caller's session, all of theirs, or all others; open to the banned too. */
export const logout: Handler = async (auth, call) => {
  const scope = call.url.searchParams.get("scope") ?? "global";
  if (scope !== "global" && scope !== "local" && scope !== "others") {
    throw invalid(
      `Unsupported logout scope ${JSON.stringify(scope.slice(0, 40))}, want global, local or others`,
    );
  }
  const { user, session } = await knownSession(auth, call);
  await auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(user), "logout");
    await endSessions(tx, {
      userId: user.id,
      ...(scope === "local" ? { only: session.id } : {}),
      ...(scope === "others" ? { except: session.id } : {}),
    });
  });
  return empty();
};
