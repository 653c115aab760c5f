import type { AuthContext, Call, Handler, Json } from "../context.ts";
import { redirectOf } from "../endpoints/redirect-of.ts";
import { emailExists } from "../errors.ts";
import { email, json, object, text } from "../http.ts";
import { requireAdmin } from "../session.ts";
import { audit, SERVICE } from "../store/audit.ts";
import type { OneTime } from "../store/one-time.ts";
import { issueOneTime } from "../store/one-time.ts";
import { userJson } from "../store/user-json.ts";
import type { UserRow } from "../store/users.ts";
import { findUserByEmail } from "../store/users.ts";
import { createByAdmin } from "./create.ts";

/**
 * Makes an invited user, or takes the one who has not come yet, and a fresh token for the mail.
 *
 * @throws email_exists for a confirmed user
 */
export async function inviteUser(
  auth: AuthContext,
  call: Call,
  address: string,
  data: Json,
): Promise<{ user: UserRow; secret: OneTime; fresh: boolean }> {
  const known = await findUserByEmail(auth.sql, address);
  if (known !== null && known.email_confirmed_at !== null) throw emailExists();
  const user =
    known ??
    (await createByAdmin(auth, call, { email: address, passwordHash: null, invited: true, userData: data }));
  const secret = await auth.sql.begin(async (tx) => {
    await tx`update auth.users set invited_at = now() where id = ${user.id}`;
    await audit(tx, call, SERVICE, "user_invited", { user_id: user.id, user_email: address });
    return issueOneTime(tx, auth.settings, {
      userId: user.id,
      kind: "confirmation_token",
      address,
      pkce: false,
    });
  });
  return { user, secret, fresh: known === null };
}

/** POST /invite: an account without a password, and the mail that leads to it. */
export const invite: Handler = async (auth, call) => {
  requireAdmin(call);
  const address = email(text(call.body, "email"));
  const { user, secret, fresh } = await inviteUser(auth, call, address, object(call.body, "data") ?? {});
  const redirectTo = redirectOf(auth, call);
  try {
    await auth.mail.send({ kind: "invite", type: "invite", to: address, user, secret, redirectTo });
  } catch (error) {
    if (fresh) await auth.sql`delete from auth.users where id = ${user.id} and email_confirmed_at is null`;
    throw error;
  }
  const [row] = await auth.sql<UserRow[]>`select * from auth.users where id = ${user.id}`;
  return json(await userJson(auth.sql, row ?? user));
};
