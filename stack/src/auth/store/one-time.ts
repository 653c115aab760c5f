import { randomUUID } from "node:crypto";
import type { Db } from "../context.ts";
import { hashCode, newCode, sameText } from "../secrets.ts";
import type { Settings } from "../settings.ts";

/** Kinds of one-time token; each is also the column of auth.users that holds it. */
export type TokenKind =
  | "confirmation_token"
  | "recovery_token"
  | "reauthentication_token"
  | "email_change_token_new"
  | "email_change_token_current";

const SENT_AT: Record<TokenKind, string> = {
  confirmation_token: "confirmation_sent_at",
  recovery_token: "recovery_sent_at",
  reauthentication_token: "reauthentication_sent_at",
  email_change_token_new: "email_change_sent_at",
  email_change_token_current: "email_change_sent_at",
};

/** Marks the hash of a link that ends in a code exchange (RFC 7636) instead of a session. */
export const PKCE_PREFIX = "pkce_";

export interface OneTime {
  code: string;
  /** Hash of address and code, with the prefix of its flow; the part of a link that proves. */
  hash: string;
}

/** Makes a code for `address` and stores its hash; an older one of the kind dies. */
export async function issueOneTime(
  db: Db,
  settings: Settings,
  target: { userId: string; kind: TokenKind; address: string; pkce: boolean },
): Promise<OneTime> {
  const code = newCode(settings.codeLength);
  const hash = (target.pkce ? PKCE_PREFIX : "") + hashCode(target.address, code);
  await db`
    update auth.users
    set ${db(target.kind)} = ${hash}, ${db(SENT_AT[target.kind])} = now(), updated_at = now()
    where id = ${target.userId}`;
  await db`
    insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
    values (${randomUUID()}, ${target.userId}, ${target.kind}, ${hash}, ${target.address})
    on conflict (user_id, token_type) do update
    set token_hash = excluded.token_hash, relates_to = excluded.relates_to, created_at = now(), updated_at = now()`;
  return { code, hash };
}

export interface FoundToken {
  userId: string;
  kind: TokenKind;
}

/** Finds whose token a link's hash is. An index look-up of a 224-bit hash gives a guesser nothing to time. */
export async function findByHash(
  db: Db,
  hash: string,
  kinds: readonly TokenKind[],
): Promise<FoundToken | null> {
  const [row] = await db<FoundToken[]>`
    select user_id as "userId", token_type as kind from auth.one_time_tokens
    where token_hash = ${hash} and token_type::text = any(${[...kinds]})`;
  return row ?? null;
}

/** Finds whose token a code is, by the address it was sent to. */
export async function findByCode(
  db: Db,
  address: string,
  code: string,
  kinds: readonly TokenKind[],
): Promise<(FoundToken & { hash: string }) | null> {
  const rows = await db<(FoundToken & { hash: string })[]>`
    select user_id as "userId", token_type as kind, token_hash as hash from auth.one_time_tokens
    where relates_to = ${address} and token_type::text = any(${[...kinds]})`;
  const wanted = hashCode(address, code);
  const plain = (hash: string): string =>
    hash.startsWith(PKCE_PREFIX) ? hash.slice(PKCE_PREFIX.length) : hash;
  return rows.find((row) => sameText(plain(row.hash), wanted)) ?? null;
}

/**
 * Uses a token up. The delete decides: of two callers with the same token exactly one gets true.
 *
 * @returns false when it is gone, another, or older than `otp_expiry`
 */
export async function claimOneTime(
  db: Db,
  settings: Settings,
  token: { userId: string; kind: TokenKind; hash: string },
): Promise<boolean> {
  const [row] = await db<{ fresh: boolean }[]>`
    delete from auth.one_time_tokens
    where user_id = ${token.userId} and token_type = ${token.kind} and token_hash = ${token.hash}
    returning created_at > localtimestamp - make_interval(secs => ${settings.codeLifetime}) as fresh`;
  if (row === undefined) return false;
  await db`update auth.users set ${db(token.kind)} = '' where id = ${token.userId}`;
  return row.fresh;
}

/** Kills tokens that something else has made pointless. */
export async function dropOneTime(db: Db, userId: string, kinds: readonly TokenKind[]): Promise<void> {
  await db`
    delete from auth.one_time_tokens where user_id = ${userId} and token_type::text = any(${[...kinds]})`;
  for (const kind of kinds) await db`update auth.users set ${db(kind)} = '' where id = ${userId}`;
}
