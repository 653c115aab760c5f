import type { AuthContext, Call, Db, Json } from "./context.ts";
import type { Challenge } from "./pkce.ts";
import { beginFlow } from "./pkce.ts";
import { actorOf, audit } from "./store/audit.ts";
import type { OneTime } from "./store/one-time.ts";
import { issueOneTime } from "./store/one-time.ts";
import type { UserRow } from "./store/users.ts";

export interface Registration {
  address: string;
  /** Null for an account that signs in by mail alone. */
  password: string | null;
  data: Json;
  challenge: Challenge | null;
  redirectTo: string;
}

export async function issueConfirmation(
  auth: AuthContext,
  db: Db,
  user: UserRow,
  wish: Registration,
): Promise<OneTime> {
  if (wish.challenge !== null) await beginFlow(db, user.id, wish.challenge, "email/signup");
  return issueOneTime(db, auth.settings, {
    userId: user.id,
    kind: "confirmation_token",
    address: wish.address,
    pkce: wish.challenge !== null,
  });
}

export async function sendConfirmation(
  auth: AuthContext,
  user: UserRow,
  secret: OneTime,
  wish: Registration,
): Promise<void> {
  await auth.mail.send({
    kind: "confirmation",
    type: "signup",
    to: wish.address,
    user,
    secret,
    redirectTo: wish.redirectTo,
  });
}

/** A new mail for an account that waits for its confirmation; its password and data stay those of the first sign-up. */
export async function confirmAgain(
  auth: AuthContext,
  call: Call,
  user: UserRow,
  wish: Registration,
): Promise<void> {
  const secret = await auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(user), "user_confirmation_requested", { provider: "email" });
    return issueConfirmation(auth, tx, user, wish);
  });
  await sendConfirmation(auth, user, secret, wish);
}
