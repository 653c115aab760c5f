import type { AuthContext, Call, Handler, Json } from "../context.ts";
import { AuthError, invalid } from "../errors.ts";
import { askBeforeUserCreated } from "../hook.ts";
import { email, json, object, text } from "../http.ts";
import { insertHeard } from "../insert.ts";
import { checkPassword } from "../passwords.ts";
import { challengeIn } from "../pkce.ts";
import { register } from "../register.ts";
import { openSession } from "../session.ts";
import { actorOf, audit } from "../store/audit.ts";
import { insertUser } from "../store/users.ts";
import { redirectOf } from "./redirect-of.ts";

async function signUpAnonymously(auth: AuthContext, call: Call, data: Json): Promise<Response> {
  if (!auth.settings.anonymous) {
    throw new AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
  }
  auth.limits.request(auth.limits.anonymous, call.ip);
  const preview = { email: "", phone: "", app_metadata: {}, user_metadata: data, is_anonymous: true };
  await askBeforeUserCreated(auth, call, preview);
  const session = await insertHeard(auth, call, preview, () =>
    auth.sql.begin(async (tx) => {
      const user = await insertUser(tx, { email: null, passwordHash: null, userData: data });
      await audit(tx, call, actorOf(user), "user_signedup", { provider: "anonymous" });
      return openSession(auth, tx, call, { user, method: "anonymous" });
    }),
  );
  return json(session);
}

/** POST /signup: an account by address and password, or an anonymous one. */
export const signUp: Handler = async (auth, call) => {
  const { settings } = auth;
  if (!settings.signUp) throw new AuthError(422, "signup_disabled", "Signups not allowed for this instance");
  const data = object(call.body, "data") ?? {};
  if (text(call.body, "phone") !== "") {
    throw new AuthError(400, "phone_provider_disabled", "Phone signups are disabled");
  }
  if (text(call.body, "email") === "") return signUpAnonymously(auth, call, data);
  auth.limits.request(auth.limits.signUp, call.ip);
  if (!settings.emailSignUp)
    throw new AuthError(400, "email_provider_disabled", "Email signups are disabled");
  const password = text(call.body, "password");
  if (password === "") throw invalid("Signup requires a valid password");
  checkPassword(settings, password);
  const address = email(text(call.body, "email"));
  const challenge = challengeIn(call.body);
  return json(
    await register(auth, call, { address, password, data, challenge, redirectTo: redirectOf(auth, call) }),
  );
};
