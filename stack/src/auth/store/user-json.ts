import { randomUUID } from "node:crypto";
import type { Db, Json } from "../context.ts";
import type { UserRow } from "./users.ts";
import { proofOf } from "./users.ts";

interface IdentityRow {
  id: string;
  provider_id: string;
  user_id: string;
  identity_data: Json;
  provider: string;
  last_sign_in_at: Date | null;
  created_at: Date | null;
  updated_at: Date | null;
  email: string | null;
}

export interface FactorRow {
  id: string;
  user_id: string;
  friendly_name: string | null;
  factor_type: string;
  status: "unverified" | "verified";
  created_at: Date;
  updated_at: Date;
  last_challenged_at: Date | null;
  secret: string | null;
}

function identityJson(row: IdentityRow): Json {
  return {
    identity_id: row.id,
    id: row.provider_id,
    user_id: row.user_id,
    identity_data: row.identity_data,
    provider: row.provider,
    last_sign_in_at: row.last_sign_in_at,
    created_at: row.created_at,
    updated_at: row.updated_at,
    ...(row.email === null ? {} : { email: row.email }),
  };
}

/** A factor as clients see it: never its secret. */
export function factorJson(row: FactorRow): Json {
  return {
    id: row.id,
    ...(row.friendly_name === null ? {} : { friendly_name: row.friendly_name }),
    factor_type: row.factor_type,
    status: row.status,
    created_at: row.created_at,
    updated_at: row.updated_at,
    ...(row.last_challenged_at === null ? {} : { last_challenged_at: row.last_challenged_at }),
  };
}

/** Keys that the real server leaves out while they are empty. */
function present(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ""));
}

/** The public form of a user, without identities and factors. */
function plainJson(user: UserRow): Json {
  return {
    id: user.id,
    aud: user.aud ?? "authenticated",
    role: user.role ?? "authenticated",
    email: user.email ?? "",
    phone: user.phone ?? "",
    ...present({
      email_confirmed_at: user.email_confirmed_at,
      phone_confirmed_at: user.phone_confirmed_at,
      invited_at: user.invited_at,
      confirmation_sent_at: user.confirmation_sent_at,
      confirmed_at: user.confirmed_at,
      recovery_sent_at: user.recovery_sent_at,
      new_email: user.email_change,
      email_change_sent_at: user.email_change_sent_at,
      reauthentication_sent_at: user.reauthentication_sent_at,
      last_sign_in_at: user.last_sign_in_at,
      banned_until: user.banned_until,
      deleted_at: user.deleted_at,
    }),
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    created_at: user.created_at,
    updated_at: user.updated_at,
    is_anonymous: user.is_anonymous,
  };
}

/** Writes users in the form that clients know, with their identities and factors: two queries, whatever the count. */
export async function usersJson(db: Db, users: readonly UserRow[]): Promise<Json[]> {
  const ids = users.map((user) => user.id);
  const identities = await db<IdentityRow[]>`
    select * from auth.identities where user_id = any(${ids}::uuid[]) order by created_at, id`;
  const factors = await db<FactorRow[]>`
    select * from auth.mfa_factors where user_id = any(${ids}::uuid[]) order by created_at, id`;
  return users.map((user) => {
    const own = factors.filter((factor) => factor.user_id === user.id);
    return {
      ...plainJson(user),
      identities: identities.filter((row) => row.user_id === user.id).map(identityJson),
      ...(own.length === 0 ? {} : { factors: own.map(factorJson) }),
    };
  });
}

export async function userJson(db: Db, user: UserRow): Promise<Json> {
  const [only] = await usersJson(db, [user]);
  return only ?? {};
}

/**
 * The answer to an unconfirmed sign-up, made from what the caller sent and nothing else, so that it looks the same
 * whether the address is new, waiting for its confirmation or long in use.
 *
 * @param id the new user's id; for a known address one that nobody has
 */
export function signUpJson(address: string, data: Json, id: string = randomUUID()): Json {
  const now = new Date();
  const proof = proofOf(id, address, false);
  return {
    id,
    aud: "authenticated",
    role: "authenticated",
    email: address,
    phone: "",
    confirmation_sent_at: now,
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: { ...data, ...proof },
    identities: [
      {
        identity_id: randomUUID(),
        id,
        user_id: id,
        identity_data: { ...data, ...proof },
        provider: "email",
        last_sign_in_at: now,
        created_at: now,
        updated_at: now,
        email: address,
      },
    ],
    created_at: now,
    updated_at: now,
    is_anonymous: false,
  };
}
