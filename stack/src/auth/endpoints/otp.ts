import type { Registration } from "../confirmation.ts";
import { confirmAgain } from "../confirmation.ts";
import type { AuthContext, Call, Handler } from "../context.ts";
import { AuthError } from "../errors.ts";
import { askBeforeUserCreated } from "../hook.ts";
import { email, json, object, text } from "../http.ts";
import { insertHeard, isAddressTaken } from "../insert.ts";
import type { Challenge } from "../pkce.ts";
import { beginFlow, challengeIn } from "../pkce.ts";
import { register } from "../register.ts";
import { actorOf, audit } from "../store/audit.ts";
import { issueOneTime } from "../store/one-time.ts";
import { signUpJson } from "../store/user-json.ts";
import type { UserRow } from "../store/users.ts";
import { findUserByEmail, insertUser, isBanned } from "../store/users.ts";
import { redirectOf } from "./redirect-of.ts";

async function sendSignIn(
  auth: AuthContext,
  call: Call,
  user: UserRow,
  challenge: Challenge | null,
): Promise<void> {
  const address = user.email ?? "";
  const secret = await auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(user), "user_recovery_requested");
    if (challenge !== null) await beginFlow(tx, user.id, challenge, "magiclink");
    return issueOneTime(tx, auth.settings, {
      userId: user.id,
      kind: "recovery_token",
      address,
      pkce: challenge !== null,
    });
  });
  const redirectTo = redirectOf(auth, call);
  await auth.mail.send({ kind: "magic_link", type: "magiclink", to: address, user, secret, redirectTo });
}

async function createByMail(auth: AuthContext, call: Call, wish: Registration): Promise<void> {
  if (auth.settings.confirmEmail) {
    await register(auth, call, wish);
    return;
  }
  // Nobody else asks for proof here, so the link that signs in is the proof.
  auth.limits.mail("signup", wish.address);
  const preview = signUpJson(wish.address, wish.data);
  await askBeforeUserCreated(auth, call, preview);
  const user = await insertHeard(auth, call, preview, () =>
    auth.sql.begin((tx) => insertUser(tx, { email: wish.address, passwordHash: null, userData: wish.data })),
  );
  await sendSignIn(auth, call, user, wish.challenge);
}

/** A new account by mail alone. A refusal of the hook stays unsaid: it would tell that the address is new. */
async function registerByMail(auth: AuthContext, call: Call, wish: Registration): Promise<void> {
  try {
    await createByMail(auth, call, wish);
  } catch (error) {
    // Somebody signed the same address up at the same time, and has the mail.
    if (isAddressTaken(error)) return;
    if (!(error instanceof AuthError) || error.status >= 500 || error.status === 429) throw error;
    call.log.info("auth.otp_sign_up_refused", { code: error.code });
    await auth.mail.pretend();
  }
}

/** POST /otp and /magiclink: sign-in by a mail with link and code; `{}` for every address. */
export const otp: Handler = async (auth, call) => {
  const { settings } = auth;
  auth.limits.request(auth.limits.mailRequest, call.ip);
  if (text(call.body, "phone") !== "") {
    throw new AuthError(400, "phone_provider_disabled", "Unsupported phone provider");
  }
  const address = email(text(call.body, "email"));
  const challenge = challengeIn(call.body);
  const user = await findUserByEmail(auth.sql, address);
  const mayCreate = call.body.create_user !== false && settings.signUp && settings.emailSignUp;
  const data = object(call.body, "data") ?? {};
  const wish = { address, password: null, data, challenge, redirectTo: redirectOf(auth, call) };
  if (user === null && mayCreate) {
    await registerByMail(auth, call, wish);
    return json({});
  }
  auth.limits.mail("signup", address);
  if (user === null || isBanned(user)) await auth.mail.pretend();
  else if (user.email_confirmed_at !== null || !settings.confirmEmail)
    await sendSignIn(auth, call, user, challenge);
  else await confirmAgain(auth, call, user, wish);
  return json({});
};
