import type { AuthContext, Call, Db } from "./context.ts";
import { AuthError } from "./errors.ts";
import { actorOf, audit } from "./store/audit.ts";
import type { FoundToken } from "./store/one-time.ts";
import { claimOneTime, findByCode, issueOneTime } from "./store/one-time.ts";
import type { SessionRow } from "./store/sessions.ts";
import type { UserRow } from "./store/users.ts";

/** A session younger than this counts as proof of its own (the real server's value). */
const RECENT_MS = 24 * 3600 * 1000;

/** Sends the code that a change of password asks for in an older session. */
export async function sendReauthentication(auth: AuthContext, call: Call, user: UserRow): Promise<void> {
  const address = user.email ?? "";
  if (address === "")
    throw new AuthError(422, "validation_failed", "Reauthentication requires the user to have an email");
  auth.limits.mail("reauthentication", address);
  const secret = await auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(user), "user_reauthenticate_requested");
    return issueOneTime(tx, auth.settings, {
      userId: user.id,
      kind: "reauthentication_token",
      address,
      pkce: false,
    });
  });
  await auth.mail.send({
    kind: "reauthentication",
    type: "reauthentication",
    to: address,
    user,
    secret,
    redirectTo: auth.settings.siteUrl,
  });
}

const notValid = (): AuthError =>
  new AuthError(422, "reauthentication_not_valid", "Reauthentication code is invalid or has expired");

/** A mailed code that was found right; used up by `claimOneTime` when the password changes. */
export type Proof = FoundToken & { hash: string };

/**
 * Asks for a fresh proof before a password is changed, where config.toml wants it and the session is old.
 *
 * @returns the proof to use up, or null where none is needed
 * @throws reauthentication_needed, reauthentication_not_valid
 */
export async function freshProof(
  auth: AuthContext,
  { user, session }: { user: UserRow; session: SessionRow },
  nonce: string,
): Promise<Proof | null> {
  const recent = Date.now() - session.created_at.getTime() < RECENT_MS;
  if (!auth.settings.securePasswordChange || recent) return null;
  if (nonce === "") {
    throw new AuthError(400, "reauthentication_needed", "Password update requires reauthentication");
  }
  const address = user.email ?? "";
  if (!auth.limits.wrongCode.take(address)) throw notValid();
  const found = await findByCode(auth.sql, address, nonce, ["reauthentication_token"]);
  if (found?.userId !== user.id) throw notValid();
  auth.limits.wrongCode.giveBack(address);
  return found;
}

/** @throws reauthentication_not_valid when the proof is too old or another request was first */
export async function useProof(auth: AuthContext, db: Db, proof: Proof | null): Promise<void> {
  if (proof !== null && !(await claimOneTime(db, auth.settings, proof))) throw notValid();
}
