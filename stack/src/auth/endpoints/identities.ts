import type { Handler } from "../context.ts";
import { AuthError } from "../errors.ts";
import { json, uuid } from "../http.ts";
import { requireUser } from "../session.ts";
import { actorOf, audit } from "../store/audit.ts";

/** DELETE /user/identities/:identity: one of several ways to sign in; the last one stays. */
export const unlinkIdentity: Handler = async (auth, call) => {
  const { user } = await requireUser(auth, call);
  if (!auth.settings.manualLinking) {
    throw new AuthError(404, "manual_linking_disabled", "Manual linking is disabled");
  }
  const id = uuid(call.params.identity, "identity_id");
  const rows = await auth.sql<{ id: string }[]>`select id from auth.identities where user_id = ${user.id}`;
  if (rows.length <= 1) {
    const message = "User must have at least 1 identity after unlinking";
    throw new AuthError(422, "single_identity_not_deletable", message);
  }
  if (!rows.some((row) => row.id === id)) {
    throw new AuthError(422, "identity_not_found", "Identity doesn't exist");
  }
  await auth.sql`delete from auth.identities where id = ${id} and user_id = ${user.id}`;
  await audit(auth.sql, call, actorOf(user), "user_modified");
  return json({});
};
