import type { Handler } from "../context.ts";
import { AuthError } from "../errors.ts";
import { json, uuid } from "../http.ts";
import { requireAdmin } from "../session.ts";
import { audit, SERVICE } from "../store/audit.ts";
import type { FactorRow } from "../store/user_json.ts";
import { factorJson } from "../store/user_json.ts";
import { userOf } from "./params.ts";

/** GET /admin/users/:user/factors */
export const listFactors: Handler = async (auth, call) => {
  requireAdmin(call);
  const user = await userOf(auth.sql, call);
  const rows = await auth.sql<FactorRow[]>`
    select * from auth.mfa_factors where user_id = ${user.id} order by created_at, id`;
  return json(rows.map(factorJson));
};

/** DELETE /admin/users/:user/factors/:factor: the way back in for a user who has lost the device. */
export const deleteFactor: Handler = async (auth, call) => {
  requireAdmin(call);
  const user = await userOf(auth.sql, call);
  const id = uuid(call.params.factor, "factor_id");
  const [row] = await auth.sql<FactorRow[]>`
    delete from auth.mfa_factors where id = ${id} and user_id = ${user.id} returning *`;
  if (row === undefined) throw new AuthError(404, "mfa_factor_not_found", "Factor not found");
  await audit(auth.sql, call, SERVICE, "factor_deleted", { user_id: user.id, factor_id: id });
  return json(factorJson(row));
};
