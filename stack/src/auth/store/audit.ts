import { randomUUID } from "node:crypto";
import type { Call, Db, Json } from "../context.ts";
import type { UserRow } from "./users.ts";

/** Actions and the log they belong to, in the real server's words. */
const LOG_TYPES = {
  login: "account",
  logout: "account",
  invite_accepted: "account",
  user_signedup: "team",
  user_repeated_signup: "user",
  user_confirmation_requested: "user",
  user_recovery_requested: "user",
  user_reauthenticate_requested: "user",
  user_invited: "team",
  user_deleted: "team",
  user_modified: "user",
  user_updated_password: "user",
  token_refreshed: "token",
  token_revoked: "token",
  generate_recovery_codes: "user",
  factor_in_progress: "factor",
  factor_unenrolled: "factor",
  factor_updated: "factor",
  challenge_created: "factor",
  verification_attempted: "factor",
  factor_deleted: "factor",
} as const;

export type Action = keyof typeof LOG_TYPES;

export interface Actor {
  id: string;
  name: string;
  sso: boolean;
}

export const actorOf = (user: UserRow): Actor => ({
  id: user.id,
  name: user.email ?? "",
  sso: user.is_sso_user,
});

/** Who acts with a secret key. */
export const SERVICE: Actor = {
  id: "00000000-0000-0000-0000-000000000000",
  name: "service_role",
  sso: false,
};

/** Records an event in auth.audit_log_entries. `traits` never hold passwords, codes, hashes or tokens. */
export async function audit(
  db: Db,
  call: Call,
  actor: Actor,
  action: Action,
  traits: Json = {},
): Promise<void> {
  const payload = {
    action,
    actor_id: actor.id,
    actor_username: actor.name,
    actor_via_sso: actor.sso,
    log_type: LOG_TYPES[action],
    ...(Object.keys(traits).length === 0 ? {} : { traits }),
  };
  await db`
    insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
    values ('00000000-0000-0000-0000-000000000000', ${randomUUID()}, ${db.json(payload as never)}, now(),
            ${call.ip.slice(0, 64)})`;
}
