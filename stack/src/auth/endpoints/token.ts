import type { AuthContext, Call, Handler, Json } from "../context.ts";
import { AuthError, banned, invalid, invalidCredentials } from "../errors.ts";
import { json, text } from "../http.ts";
import { passwordMatches } from "../passwords.ts";
import { finishFlow } from "../pkce.ts";
import { openSession, originOf, sessionJson } from "../session.ts";
import { actorOf, audit } from "../store/audit.ts";
import { rotate } from "../store/refresh.ts";
import { findUser, findUserByEmail, isBanned } from "../store/users.ts";

/** An address and a password. Nothing about the account is said before the password has matched. */
async function passwordGrant(auth: AuthContext, call: Call): Promise<Json> {
  auth.limits.request(auth.limits.signIn, call.ip);
  const address = text(call.body, "email").trim().toLowerCase();
  const password = text(call.body, "password");
  if (text(call.body, "phone") !== "")
    throw new AuthError(400, "phone_provider_disabled", "Phone logins are disabled");
  if (address === "") throw invalid("missing email or phone");
  const user = await findUserByEmail(auth.sql, address);
  const matches = await passwordMatches(auth, password, user?.encrypted_password ?? null);
  if (user === null || !matches) throw invalidCredentials();
  if (isBanned(user)) throw banned(400);
  if (user.email_confirmed_at === null)
    throw new AuthError(400, "email_not_confirmed", "Email not confirmed");
  return auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(user), "login", { provider: "email" });
    return openSession(auth, tx, call, { user, method: "password" });
  });
}

/** A refresh token for the next one. The revocation of a stolen family is committed before the refusal is thrown. */
async function refreshGrant(auth: AuthContext, call: Call): Promise<Json> {
  auth.limits.request(auth.limits.refresh, call.ip);
  const token = text(call.body, "refresh_token");
  if (token === "") throw invalid("refresh_token required");
  const session = await auth.sql.begin(async (tx) => {
    const rotated = await rotate(tx, auth.settings, token, originOf(call));
    if (rotated === null) return null;
    await audit(tx, call, actorOf(rotated.user), "token_refreshed");
    return sessionJson(auth, tx, rotated);
  });
  if (session !== null) return session;
  throw new AuthError(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");
}

/** The code of a followed link and the verifier that only the device which began the flow has. */
async function pkceGrant(auth: AuthContext, call: Call): Promise<Json> {
  auth.limits.request(auth.limits.signIn, call.ip);
  const code = text(call.body, "auth_code");
  const verifier = text(call.body, "code_verifier");
  if (code === "" || verifier === "")
    throw invalid("invalid request: both auth code and code verifier should be non-empty");
  return auth.sql.begin(async (tx) => {
    const { userId, method } = await finishFlow(tx, code, verifier);
    const user = await findUser(tx, userId);
    if (user === null) throw new AuthError(404, "user_not_found", "User not found");
    if (isBanned(user)) throw banned();
    await audit(tx, call, actorOf(user), "login", { provider_type: "email" });
    return openSession(auth, tx, call, { user, method });
  });
}

const GRANTS: Record<string, (auth: AuthContext, call: Call) => Promise<Json>> = {
  password: passwordGrant,
  refresh_token: refreshGrant,
  pkce: pkceGrant,
};

/** POST /token: sign in or refresh, by `grant_type`. */
export const token: Handler = async (auth, call) => {
  const name = call.url.searchParams.get("grant_type") ?? text(call.body, "grant_type");
  const grant = Object.hasOwn(GRANTS, name) ? GRANTS[name] : undefined;
  if (grant === undefined)
    throw invalid(`unsupported_grant_type: want one of ${Object.keys(GRANTS).join(", ")}`);
  const session = await grant(auth, call);
  auth.cleanup(auth);
  return json(session);
};
