import type { Handler } from "../context.ts";
import { AuthError } from "../errors.ts";
import { json, uuid } from "../http.ts";
import { requireAdmin } from "../session.ts";
import { audit, SERVICE } from "../store/audit.ts";
import { factorsOf, removeFactor } from "../store/factors.ts";
import { factorJson } from "../store/user-json.ts";
import { userOf } from "./params.ts";

/** GET /admin/users/:user/factors */
export const listFactors: Handler = async (auth, call) => {
  requireAdmin(call);
  const user = await userOf(auth.sql, call);
  const rows = await factorsOf(auth.sql, user.id);
  return json(rows.map(factorJson));
};

/** DELETE /admin/users/:user/factors/:factor: the way back in for a user who has lost the device. */
export const deleteFactor: Handler = async (auth, call) => {
  requireAdmin(call);
  const user = await userOf(auth.sql, call);
  const id = uuid(call.params.factor, "factor_id");
  const row = (await factorsOf(auth.sql, user.id)).find((factor) => factor.id === id);
  if (row === undefined) throw new AuthError(404, "mfa_factor_not_found", "Factor not found");
  await auth.sql.begin(async (tx) => {
    await removeFactor(tx, id);
    await audit(tx, call, SERVICE, "factor_deleted", { user_id: user.id, factor_id: id });
  });
  return json(factorJson(row));
};
