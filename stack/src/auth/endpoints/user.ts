import type { AuthContext, Call, Handler, Json } from "../context.ts";
import { sendEmailChange } from "../email-change.ts";
import { AuthError } from "../errors.ts";
import { email, empty, json, object, text } from "../http.ts";
import { checkPassword, hashPassword, passwordMatches } from "../passwords.ts";
import type { Challenge } from "../pkce.ts";
import { challengeIn } from "../pkce.ts";
import type { Proof } from "../reauthentication.ts";
import { freshProof, sendReauthentication, useProof } from "../reauthentication.ts";
import type { SignedIn } from "../session.ts";
import { requireUser } from "../session.ts";
import { actorOf, audit } from "../store/audit.ts";
import { dropOneTime } from "../store/one-time.ts";
import { endSessions } from "../store/sessions.ts";
import { userJson } from "../store/user-json.ts";
import { findUser, mergeMetadata, setPasswordHash } from "../store/users.ts";
import { redirectOf } from "./redirect-of.ts";

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

/** What a PUT asks for, checked as far as it can be without writing. */
interface Wish {
  password: string | null;
  proof: Proof | null;
  data: Json | null;
  email: string | null;
  challenge: Challenge | null;
}

async function checkNewPassword(
  auth: AuthContext,
  call: Call,
  { user }: SignedIn,
  password: string,
): Promise<void> {
  checkPassword(auth.settings, password);
  const current = text(call.body, "current_password");
  if (current !== "" && !(await passwordMatches(auth, current, user.encrypted_password))) {
    throw new AuthError(400, "current_password_invalid", "Current password is not correct");
  }
  if (user.encrypted_password && (await passwordMatches(auth, password, user.encrypted_password))) {
    throw new AuthError(422, "same_password", "New password should be different from the old password.");
  }
}

async function readWish(auth: AuthContext, call: Call, signedIn: SignedIn): Promise<Wish> {
  const { user } = signedIn;
  const { body } = call;
  if (object(body, "app_metadata") !== null) {
    throw new AuthError(403, "not_admin", "Updating app_metadata requires admin privileges");
  }
  if (text(body, "phone") !== "") {
    throw new AuthError(400, "phone_provider_disabled", "Phone provider is disabled");
  }
  const address = text(body, "email") === "" ? null : email(text(body, "email"));
  const wish: Wish = {
    password: text(body, "password") || null,
    proof: null,
    data: object(body, "data"),
    email: address === user.email ? null : address,
    challenge: challengeIn(body),
  };
  if (wish.password === null && wish.email === null) return wish;
  await requireSecondFactor(auth, signedIn);
  if (wish.password === null) return wish;
  if (user.is_anonymous && wish.email === null) {
    const message = "Updating password of an anonymous user without an email or phone is not allowed";
    throw new AuthError(422, "validation_failed", message);
  }
  await checkNewPassword(auth, call, signedIn, wish.password);
  return { ...wish, proof: await freshProof(auth, signedIn, text(body, "nonce")) };
}

/** Writes password and metadata together. A new password ends every other session: whoever knew the old one is out. */
async function write(auth: AuthContext, call: Call, { user, session }: SignedIn, wish: Wish): Promise<void> {
  const hash = wish.password === null ? null : await hashPassword(auth, wish.password);
  await auth.sql.begin(async (tx) => {
    if (hash !== null) {
      await useProof(auth, tx, wish.proof);
      await setPasswordHash(tx, user.id, hash);
      await dropOneTime(tx, user.id, ["recovery_token"]);
      await endSessions(tx, { userId: user.id, except: session.id });
      await audit(tx, call, actorOf(user), "user_updated_password");
    }
    if (wish.data !== null) await mergeMetadata(tx, user.id, "raw_user_meta_data", wish.data);
    await audit(tx, call, actorOf(user), "user_modified");
  });
}

/** PUT /user: own password, own metadata, own address (which changes once the mails are confirmed). */
export const updateUser: Handler = async (auth, call) => {
  const signedIn = await requireUser(auth, call);
  const { user } = signedIn;
  const wish = await readWish(auth, call, signedIn);
  if (wish.email !== null) {
    // Mail first: where none can be sent, nothing has been written and the same call can be made again.
    auth.limits.mail("email_change", user.email ?? user.id);
    const change = { newEmail: wish.email, challenge: wish.challenge, redirectTo: redirectOf(auth, call) };
    await sendEmailChange(auth, user, change);
  }
  await write(auth, call, signedIn, wish);
  const changed = await findUser(auth.sql, user.id);
  return changed === null ? empty() : json(await userJson(auth.sql, changed));
};
