import type { Db, Handler } from "../context.ts";
import { emailExists } from "../errors.ts";
import { json } from "../http.ts";
import { isAddressTaken } from "../insert.ts";
import { checkPassword, hashPassword } from "../passwords.ts";
import { requireAdmin } from "../session.ts";
import { audit, SERVICE } from "../store/audit.ts";
import { endSessions } from "../store/sessions.ts";
import { userJson } from "../store/user-json.ts";
import type { UserRow } from "../store/users.ts";
import { confirmEmail, insertEmailIdentity, mergeMetadata, setPasswordHash } from "../store/users.ts";
import type { UserParams } from "./params.ts";
import { applyBan, userOf, userParams } from "./params.ts";

async function replaceEmail(db: Db, user: UserRow, address: string): Promise<void> {
  const data = db.json({ email: address } as never);
  await db`
    update auth.users
    set email = ${address}, is_anonymous = false, updated_at = now(),
        raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || ${data}
    where id = ${user.id}`;
  const replaced = await db`
    update auth.identities set identity_data = identity_data || ${data}, updated_at = now()
    where user_id = ${user.id} and provider = 'email'`;
  if (replaced.count === 0) await insertEmailIdentity(db, user.id, address, user.email_confirmed_at !== null);
}

async function apply(db: Db, user: UserRow, params: UserParams, passwordHash: string | null): Promise<void> {
  if (params.email !== null && params.email !== user.email) await replaceEmail(db, user, params.email);
  if (params.confirm) await confirmEmail(db, user.id);
  if (passwordHash !== null) await setPasswordHash(db, user.id, passwordHash);
  // Whoever knew the old password is out; a hash from another system is the same password.
  if (params.password !== null) await endSessions(db, { userId: user.id });
  if (params.role !== null) await db`update auth.users set role = ${params.role} where id = ${user.id}`;
  if (params.userData !== null) await mergeMetadata(db, user.id, "raw_user_meta_data", params.userData);
  if (params.appData !== null) await mergeMetadata(db, user.id, "raw_app_meta_data", params.appData);
  if (params.ban !== null) await applyBan(db, user.id, params.ban);
}

/** PUT /admin/users/:user: all of it or nothing. */
export const updateUserByAdmin: Handler = async (auth, call) => {
  requireAdmin(call);
  const params = userParams(call.body);
  if (params.password !== null) checkPassword(auth.settings, params.password);
  const user = await userOf(auth.sql, call);
  const hash = params.password === null ? params.passwordHash : await hashPassword(auth, params.password);
  try {
    await auth.sql.begin(async (tx) => {
      await apply(tx, user, params, hash);
      await audit(tx, call, SERVICE, "user_modified", { user_id: user.id, user_email: user.email });
    });
  } catch (error) {
    if (isAddressTaken(error)) throw emailExists();
    throw error;
  }
  return json(await userJson(auth.sql, await userOf(auth.sql, call)));
};
