import { randomUUID } from "node:crypto";
import type { Db, Json } from "../context.ts";

/** A row of auth.users, as far as Auth reads it. */
export interface UserRow {
  id: string;
  aud: string | null;
  role: string | null;
  email: string | null;
  phone: string | null;
  encrypted_password: string | null;
  email_confirmed_at: Date | null;
  phone_confirmed_at: Date | null;
  confirmed_at: Date | null;
  invited_at: Date | null;
  confirmation_sent_at: Date | null;
  recovery_sent_at: Date | null;
  email_change: string | null;
  email_change_sent_at: Date | null;
  email_change_confirm_status: number | null;
  reauthentication_sent_at: Date | null;
  last_sign_in_at: Date | null;
  raw_app_meta_data: Json | null;
  raw_user_meta_data: Json | null;
  created_at: Date | null;
  updated_at: Date | null;
  banned_until: Date | null;
  deleted_at: Date | null;
  is_anonymous: boolean;
  is_sso_user: boolean;
}

const NO_INSTANCE = "00000000-0000-0000-0000-000000000000";

export async function findUser(db: Db, id: string): Promise<UserRow | null> {
  const [row] = await db<UserRow[]>`select * from auth.users where id = ${id} and deleted_at is null`;
  return row ?? null;
}

/** Reads a user and holds the row until the transaction ends: whatever hangs on it happens one after the other. */
export async function lockUser(db: Db, id: string): Promise<UserRow | null> {
  const [row] = await db<UserRow[]>`
    select * from auth.users where id = ${id} and deleted_at is null for update`;
  return row ?? null;
}

export async function findUserByEmail(db: Db, address: string): Promise<UserRow | null> {
  const [row] = await db<UserRow[]>`
    select * from auth.users where email = ${address} and is_sso_user = false and deleted_at is null`;
  return row ?? null;
}

export interface NewUser {
  id?: string;
  /** Folded; null for an anonymous user. */
  email: string | null;
  /** Null for none. */
  passwordHash: string | null;
  /** Confirmed from the start. */
  confirmed?: boolean;
  invited?: boolean;
  userData: Json;
  appData?: Json;
  role?: string;
}

/**
 * Inserts a user and, where it has an address, its e-mail identity.
 *
 * @throws Postgres' unique_violation (23505) when the address is taken
 */
export async function insertUser(db: Db, user: NewUser): Promise<UserRow> {
  const id = user.id ?? randomUUID();
  const providers = user.email === null ? {} : { provider: "email", providers: ["email"] };
  const proof = user.email === null ? {} : proofOf(id, user.email, user.confirmed === true);
  const [row] = await db<UserRow[]>`
    insert into auth.users (
      instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, invited_at,
      confirmation_token, recovery_token, email_change_token_new, email_change,
      raw_app_meta_data, raw_user_meta_data, created_at, updated_at, is_anonymous
    ) values (
      ${NO_INSTANCE}, ${id}, 'authenticated', ${user.role ?? "authenticated"}, ${user.email},
      ${user.passwordHash ?? ""},
      case when ${user.confirmed === true} then now() end, case when ${user.invited === true} then now() end,
      '', '', '', '',
      ${db.json({ ...providers, ...user.appData } as never)},
      ${db.json({ ...user.userData, ...proof } as never)}, now(), now(), ${user.email === null}
    ) returning *`;
  if (row === undefined) throw new Error("inserting a user returned no row, want one");
  if (user.email !== null)
    await insertEmailIdentity(db, row.id, user.email, user.confirmed === true, user.userData);
  return row;
}

/** What the real server keeps of an address beside the caller's own data, in metadata and identity alike. */
export function proofOf(id: string, address: string, verified: boolean): Json {
  return { sub: id, email: address, email_verified: verified, phone_verified: false };
}

export async function insertEmailIdentity(
  db: Db,
  userId: string,
  address: string,
  verified: boolean,
  data: Json = {},
): Promise<void> {
  await db`
    insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
    values (${userId}, ${userId}, ${db.json({ ...data, ...proofOf(userId, address, verified) } as never)},
            'email', now(), now(), now())`;
}

/** Marks the address as proven: in the row, its metadata and its identity. */
export async function confirmEmail(db: Db, userId: string): Promise<UserRow> {
  await db`
    update auth.identities
    set identity_data = identity_data || '{"email_verified": true}', updated_at = now()
    where user_id = ${userId} and provider = 'email'`;
  const [row] = await db<UserRow[]>`
    update auth.users
    set email_confirmed_at = coalesce(email_confirmed_at, now()), confirmation_token = '', updated_at = now(),
        raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || '{"email_verified": true}'
    where id = ${userId} returning *`;
  if (row === undefined) throw new Error(`confirming user ${userId}: no such row`);
  return row;
}

export async function setPasswordHash(db: Db, userId: string, hash: string): Promise<void> {
  await db`update auth.users set encrypted_password = ${hash}, updated_at = now() where id = ${userId}`;
}

/** Merges keys into user or app metadata; a null value removes its key, as in the real server. */
export async function mergeMetadata(
  db: Db,
  userId: string,
  column: "raw_user_meta_data" | "raw_app_meta_data",
  data: Json,
): Promise<void> {
  const kept = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
  const removed = Object.keys(data).filter((key) => data[key] === null);
  await db`
    update auth.users
    set ${db(column)} = (coalesce(${db(column)}, '{}') || ${db.json(kept as never)}) - ${removed}::text[],
        updated_at = now()
    where id = ${userId}`;
}

/** True while a ban lasts. */
export function isBanned(user: UserRow): boolean {
  return user.banned_until !== null && user.banned_until.getTime() > Date.now();
}
