import type { AuthContext, Db } from "./context.ts";
import { emailExists } from "./errors.ts";
import { isAddressTaken } from "./insert.ts";
import type { Challenge } from "./pkce.ts";
import { beginFlow } from "./pkce.ts";
import type { OneTime, TokenKind } from "./store/one-time.ts";
import { dropOneTime, issueOneTime } from "./store/one-time.ts";
import type { UserRow } from "./store/users.ts";
import { findUserByEmail, insertEmailIdentity } from "./store/users.ts";

export interface Change {
  newEmail: string;
  challenge: Challenge | null;
  redirectTo: string;
}

interface Outgoing {
  to: string;
  secret: OneTime;
}

async function issue(
  auth: AuthContext,
  db: Db,
  user: UserRow,
  change: Change,
): Promise<{ current: Outgoing | null; next: Outgoing }> {
  const pkce = change.challenge !== null;
  if (change.challenge !== null) await beginFlow(db, user.id, change.challenge, "email_change");
  await db`
    update auth.users set email_change = ${change.newEmail}, email_change_confirm_status = 0, updated_at = now()
    where id = ${user.id}`;
  await dropOneTime(db, user.id, ["email_change_token_current", "email_change_token_new"]);
  const token = (kind: TokenKind, address: string): Promise<OneTime> =>
    issueOneTime(db, auth.settings, { userId: user.id, kind, address, pkce });
  const both = auth.settings.doubleConfirm && user.email !== null && user.email !== "";
  return {
    current: both
      ? { to: user.email ?? "", secret: await token("email_change_token_current", user.email ?? "") }
      : null,
    next: { to: change.newEmail, secret: await token("email_change_token_new", change.newEmail) },
  };
}

/**
 * Begins a change of address: a mail to the new one and, with double_confirm_changes, one to the old. An address that
 * belongs to somebody else gets none, and the caller is told nothing of it.
 */
export async function sendEmailChange(auth: AuthContext, user: UserRow, change: Change): Promise<void> {
  const taken = (await findUserByEmail(auth.sql, change.newEmail)) !== null;
  const { current, next } = await auth.sql.begin((tx) => issue(auth, tx, user, change));
  const letter = { kind: "email_change", type: "email_change", user, redirectTo: change.redirectTo } as const;
  if (current !== null) await auth.mail.send({ ...letter, ...current, newEmail: change.newEmail });
  if (taken) await auth.mail.pretend();
  else await auth.mail.send({ ...letter, ...next, newEmail: change.newEmail });
}

/**
 * Applies what one of the two mails has proven.
 *
 * @returns the user with the new address, or null while the other mail is still to be confirmed
 * @throws email_exists when somebody has taken the address meanwhile
 */
export async function confirmEmailChange(auth: AuthContext, db: Db, user: UserRow): Promise<UserRow | null> {
  const needsOther = auth.settings.doubleConfirm && user.email !== null && user.email !== "";
  if (needsOther && (user.email_change_confirm_status ?? 0) === 0) {
    await db`update auth.users set email_change_confirm_status = 1, updated_at = now() where id = ${user.id}`;
    return null;
  }
  const address = user.email_change ?? "";
  await dropOneTime(db, user.id, ["email_change_token_current", "email_change_token_new"]);
  try {
    return await moveAddress(db, user.id, address);
  } catch (error) {
    if (isAddressTaken(error)) throw emailExists();
    throw error;
  }
}

/** Gives a user a proven address, in row, metadata and identity; an anonymous user becomes a permanent one. */
async function moveAddress(db: Db, userId: string, address: string): Promise<UserRow> {
  const proof = db.json({ email: address, email_verified: true } as never);
  const [row] = await db<UserRow[]>`
    update auth.users
    set email = ${address}, email_change = '', email_change_confirm_status = 0, is_anonymous = false,
        email_confirmed_at = coalesce(email_confirmed_at, now()), updated_at = now(),
        raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || ${proof},
        raw_app_meta_data = '{"provider": "email", "providers": ["email"]}' || coalesce(raw_app_meta_data, '{}')
    where id = ${userId} returning *`;
  if (row === undefined) throw new Error(`moving user ${userId} to a new address: no such row`);
  const moved = await db`
    update auth.identities set identity_data = identity_data || ${proof}, updated_at = now()
    where user_id = ${userId} and provider = 'email'`;
  if (moved.count === 0) await insertEmailIdentity(db, userId, address, true);
  return row;
}
