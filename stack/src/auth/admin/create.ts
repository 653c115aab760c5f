import { randomUUID } from "node:crypto";
import type { AuthContext, Call, Db, Handler, Json } from "../context.ts";
import { AuthError, emailExists, invalid } from "../errors.ts";
import { askBeforeUserCreated } from "../hook.ts";
import { json } from "../http.ts";
import { insertHeard, isAddressTaken } from "../insert.ts";
import { hashPassword } from "../passwords.ts";
import { newPassword } from "../secrets.ts";
import { requireAdmin } from "../session.ts";
import { audit, SERVICE } from "../store/audit.ts";
import { signUpJson, userJson } from "../store/user-json.ts";
import type { NewUser, UserRow } from "../store/users.ts";
import { insertUser } from "../store/users.ts";
import { applyBan, userParams } from "./params.ts";

/**
 * Inserts a user on an administrator's word, past the hook and the project's triggers.
 *
 * @throws email_exists, or what the hook refuses with
 */
export async function createByAdmin(
  auth: AuthContext,
  call: Call,
  user: NewUser & { email: string },
  then: (db: Db, created: UserRow) => Promise<void> = async () => {},
): Promise<UserRow> {
  const id = user.id ?? randomUUID();
  const preview: Json = signUpJson(user.email, user.userData, id);
  await askBeforeUserCreated(auth, call, preview);
  try {
    return await insertHeard(auth, call, preview, () =>
      auth.sql.begin(async (tx) => {
        const created = await insertUser(tx, { ...user, id });
        await then(tx, created);
        return created;
      }),
    );
  } catch (error) {
    if (isAddressTaken(error)) throw emailExists();
    throw error;
  }
}

/** POST /admin/users */
export const createUser: Handler = async (auth, call) => {
  requireAdmin(call);
  const params = userParams(call.body);
  if (params.email === null) {
    throw new AuthError(400, "validation_failed", "Cannot create a user without either an email or phone");
  }
  if (params.password !== null && Buffer.byteLength(params.password) > 72) {
    throw invalid("Password cannot be longer than 72 characters");
  }
  const wish = {
    email: params.email,
    passwordHash: params.passwordHash ?? (await hashPassword(auth, params.password ?? newPassword())),
    confirmed: params.confirm,
    userData: params.userData ?? {},
    appData: params.appData ?? {},
    ...(params.id === null ? {} : { id: params.id }),
    ...(params.role === null ? {} : { role: params.role }),
  };
  const user = await createByAdmin(auth, call, wish, async (tx, { id }) => {
    if (params.ban !== null) await applyBan(tx, id, params.ban);
    await audit(tx, call, SERVICE, "user_signedup", {
      user_id: id,
      user_email: params.email,
      provider: "email",
    });
  });
  const [row] = await auth.sql<UserRow[]>`select * from auth.users where id = ${user.id}`;
  return json(await userJson(auth.sql, row ?? user));
};
