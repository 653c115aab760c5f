import { createHash } from "node:crypto";
import type { Db, Handler } from "../context.ts";
import { flag, json } from "../http.ts";
import { requireAdmin } from "../session.ts";
import { audit, SERVICE } from "../store/audit.ts";
import { endSessions } from "../store/sessions.ts";
import type { UserRow } from "../store/users.ts";
import { userOf } from "./params.ts";

/** One way: the address is free for another account, and nobody can read which it was. */
const blur = (id: string, value: string): string =>
  createHash("sha256")
    .update(id + value)
    .digest("base64url");

/** Keeps the row, for what refers to it, and nothing of the person. */
async function deleteSoftly(db: Db, user: UserRow): Promise<void> {
  if (user.deleted_at !== null) return;
  await db`
    update auth.users
    set email = ${user.email === null ? null : blur(user.id, user.email)}, encrypted_password = '',
        email_change = '', email_change_token_new = '', email_change_token_current = '', confirmation_token = '',
        recovery_token = '', reauthentication_token = '', raw_user_meta_data = '{}', raw_app_meta_data = '{}',
        deleted_at = now(), updated_at = now()
    where id = ${user.id}`;
  await db`
    update auth.identities
    set provider_id = ${blur(user.id, user.id)}, identity_data = '{}', updated_at = now()
    where user_id = ${user.id}`;
  await db`delete from auth.mfa_factors where user_id = ${user.id}`;
  await db`delete from auth.one_time_tokens where user_id = ${user.id}`;
  await endSessions(db, { userId: user.id });
}

/** DELETE /admin/users/:user: the row and all that hangs on it, or softly with `should_soft_delete`. */
export const deleteUser: Handler = async (auth, call) => {
  requireAdmin(call);
  const user = await userOf(auth.sql, call);
  const soft = flag(call.body, "should_soft_delete");
  await auth.sql.begin(async (tx) => {
    await audit(tx, call, SERVICE, "user_deleted", { user_id: user.id, user_email: user.email });
    if (soft) await deleteSoftly(tx, user);
    else {
      await tx`delete from auth.flow_state where user_id = ${user.id}`;
      await tx`delete from auth.users where id = ${user.id}`;
    }
  });
  return json({});
};
