import { randomUUID } from "node:crypto";
import type { Registration } from "./confirmation.ts";
import { confirmAgain, issueConfirmation, sendConfirmation } from "./confirmation.ts";
import type { AuthContext, Call, Json } from "./context.ts";
import { AuthError } from "./errors.ts";
import { askBeforeUserCreated } from "./hook.ts";
import { insertHeard, isAddressTaken } from "./insert.ts";
import { hashPassword } from "./passwords.ts";
import { openSession } from "./session.ts";
import { actorOf, audit } from "./store/audit.ts";
import { signUpJson } from "./store/user-json.ts";
import type { UserRow } from "./store/users.ts";
import { findUserByEmail, insertUser } from "./store/users.ts";

/** A registration whose account can be written. */
interface Ready extends Registration {
  id: string;
  passwordHash: string | null;
}

/** Makes the account, then sends its mail; without the mail there is no account, so that the same call can be repeated. */
async function createUnconfirmed(auth: AuthContext, call: Call, wish: Ready): Promise<void> {
  const { user, secret } = await auth.sql.begin(async (tx) => {
    const created = await insertUser(tx, {
      id: wish.id,
      email: wish.address,
      passwordHash: wish.passwordHash,
      userData: wish.data,
    });
    await audit(tx, call, actorOf(created), "user_confirmation_requested", { provider: "email" });
    return { user: created, secret: await issueConfirmation(auth, tx, created, wish) };
  });
  try {
    await sendConfirmation(auth, user, secret, wish);
  } catch (error) {
    await auth.sql`delete from auth.users where id = ${user.id} and email_confirmed_at is null`;
    throw error;
  }
}

/** What is left of the work of a new account, for an address that has one. */
async function registerKnown(
  auth: AuthContext,
  call: Call,
  user: UserRow,
  wish: Registration,
): Promise<Json> {
  if (user.email_confirmed_at === null) {
    await confirmAgain(auth, call, user, wish);
  } else {
    await audit(auth.sql, call, actorOf(user), "user_repeated_signup", { provider: "email" });
    await auth.mail.pretend();
  }
  return signUpJson(wish.address, wish.data);
}

/**
 * Signs an address up. With confirmation the answer, the work and the failures are the same whether or not the address
 * is known; the hook is asked in either case, since its refusal would tell.
 *
 * @returns the public user, or a session where no confirmation is asked for
 */
export async function register(auth: AuthContext, call: Call, wish: Registration): Promise<Json> {
  const id = randomUUID();
  const preview = signUpJson(wish.address, wish.data, id);
  await askBeforeUserCreated(auth, call, preview);
  if (auth.settings.confirmEmail) auth.limits.mail("signup", wish.address);
  const passwordHash = wish.password === null ? null : await hashPassword(auth, wish.password);
  const ready: Ready = { ...wish, id, passwordHash };
  const known = await findUserByEmail(auth.sql, wish.address);
  if (!auth.settings.confirmEmail) {
    if (known !== null) throw new AuthError(422, "user_already_exists", "User already registered");
    return createConfirmed(auth, call, preview, ready);
  }
  if (known !== null) return registerKnown(auth, call, known, wish);
  try {
    await insertHeard(auth, call, preview, () => createUnconfirmed(auth, call, ready));
    return preview;
  } catch (error) {
    const winner = isAddressTaken(error) ? await findUserByEmail(auth.sql, wish.address) : null;
    if (winner === null) throw error;
    // Somebody signed the same address up at the same time: theirs is the account, the answer looks alike.
    return signUpJson(wish.address, wish.data);
  }
}

async function createConfirmed(auth: AuthContext, call: Call, preview: Json, wish: Ready): Promise<Json> {
  try {
    return await insertHeard(auth, call, preview, () =>
      auth.sql.begin(async (tx) => {
        const user = await insertUser(tx, {
          id: wish.id,
          email: wish.address,
          passwordHash: wish.passwordHash,
          confirmed: true,
          userData: wish.data,
        });
        await audit(tx, call, actorOf(user), "user_signedup", { provider: "email" });
        return openSession(auth, tx, call, { user, method: "password" });
      }),
    );
  } catch (error) {
    if (isAddressTaken(error)) throw new AuthError(422, "user_already_exists", "User already registered");
    throw error;
  }
}
