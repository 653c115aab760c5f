import type { AuthContext, Call, Handler } from "../context.ts";
import { sendEmailChange } from "../email_change.ts";
import { AuthError } from "../errors.ts";
import { email, empty, json, object, text } from "../http.ts";
import { checkPassword, passwordMatches } from "../passwords.ts";
import { challengeIn } from "../pkce.ts";
import { requireFreshProof, sendReauthentication } from "../reauthentication.ts";
import type { SignedIn } from "../session.ts";
import { requireUser } from "../session.ts";
import { actorOf, audit } from "../store/audit.ts";
import { dropOneTime } from "../store/one_time.ts";
import { endSessions } from "../store/sessions.ts";
import { userJson } from "../store/user_json.ts";
import { findUser, mergeMetadata, setPassword } from "../store/users.ts";
import { redirectOf } from "./redirect_of.ts";

/** GET /user: the caller as the database has them now. */
export const getUser: Handler = async (auth, call) => {
  const { user } = await requireUser(auth, call);
  return json(await userJson(auth.sql, user));
};

/** GET /reauthenticate: a mail with a code for the next change of password. */
export const reauthenticate: Handler = async (auth, call) => {
  const { user } = await requireUser(auth, call);
  await sendReauthentication(auth, call, user);
  return json({});
};

async function requireSecondFactor(auth: AuthContext, { user, session }: SignedIn): Promise<void> {
  if (session.aal !== "aal1" && session.aal !== null) return;
  const [verified] = await auth.sql`
    select from auth.mfa_factors where user_id = ${user.id} and status = 'verified' limit 1`;
  if (verified === undefined) return;
  const message = "AAL2 session is required to update email or password when MFA is enabled.";
  throw new AuthError(401, "insufficient_aal", message);
}

/** Sets the password and ends every other session: whoever knew the old one is out. */
async function changePassword(
  auth: AuthContext,
  call: Call,
  signedIn: SignedIn,
  password: string,
): Promise<void> {
  const { user, session } = signedIn;
  checkPassword(auth.settings, password);
  const current = text(call.body, "current_password");
  if (current !== "" && !(await passwordMatches(auth.sql, current, user.encrypted_password))) {
    throw new AuthError(400, "current_password_invalid", "Current password is not correct");
  }
  if (user.encrypted_password && (await passwordMatches(auth.sql, password, user.encrypted_password))) {
    throw new AuthError(422, "same_password", "New password should be different from the old password.");
  }
  await auth.sql.begin(async (tx) => {
    await requireFreshProof(auth, tx, signedIn, text(call.body, "nonce"));
    await setPassword(tx, user.id, password);
    await dropOneTime(tx, user.id, ["recovery_token"]);
    await endSessions(tx, { userId: user.id, except: session.id });
    await audit(tx, call, actorOf(user), "user_updated_password");
  });
}

async function changeEmail(
  auth: AuthContext,
  call: Call,
  { user }: SignedIn,
  address: string,
): Promise<void> {
  auth.limits.mail("email_change", user.email ?? user.id);
  const change = { newEmail: address, challenge: challengeIn(call.body), redirectTo: redirectOf(auth, call) };
  await sendEmailChange(auth, user, change);
}

/** PUT /user: own password, own metadata, own address (which changes once the mails are confirmed). */
export const updateUser: Handler = async (auth, call) => {
  const signedIn = await requireUser(auth, call);
  const { user } = signedIn;
  const password = text(call.body, "password");
  const data = object(call.body, "data");
  const wanted = text(call.body, "email") === "" ? null : email(text(call.body, "email"));
  const address = wanted !== null && wanted !== user.email ? wanted : null;
  if (object(call.body, "app_metadata") !== null) {
    throw new AuthError(403, "not_admin", "Updating app_metadata requires admin privileges");
  }
  if (text(call.body, "phone") !== "") {
    throw new AuthError(400, "phone_provider_disabled", "Phone provider is disabled");
  }
  if (password !== "" || address !== null) await requireSecondFactor(auth, signedIn);
  if (password !== "") {
    if (user.is_anonymous && address === null) {
      const message = "Updating password of an anonymous user without an email or phone is not allowed";
      throw new AuthError(422, "validation_failed", message);
    }
    await changePassword(auth, call, signedIn, password);
  }
  if (data !== null) await mergeMetadata(auth.sql, user.id, "raw_user_meta_data", data);
  if (address !== null) await changeEmail(auth, call, signedIn, address);
  await audit(auth.sql, call, actorOf(user), "user_modified");
  const changed = await findUser(auth.sql, user.id);
  return changed === null ? empty() : json(await userJson(auth.sql, changed));
};
