import type { Handler } from "../context.ts";
import { email, json, text } from "../http.ts";
import { beginFlow, challengeIn } from "../pkce.ts";
import { actorOf, audit } from "../store/audit.ts";
import { issueOneTime } from "../store/one-time.ts";
import { findUserByEmail, isBanned } from "../store/users.ts";
import { redirectOf } from "./redirect-of.ts";

/** POST /recover: a mail with which the password can be set anew; `{}` for every address. */
export const recover: Handler = async (auth, call) => {
  auth.limits.request(auth.limits.mailRequest, call.ip);
  const address = email(text(call.body, "email"));
  const challenge = challengeIn(call.body);
  auth.limits.mail("recovery", address);
  const user = await findUserByEmail(auth.sql, address);
  if (user === null || isBanned(user)) {
    await auth.mail.pretend();
    return json({});
  }
  const secret = await auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(user), "user_recovery_requested");
    if (challenge !== null) await beginFlow(tx, user.id, challenge, "recovery");
    return issueOneTime(tx, auth.settings, {
      userId: user.id,
      kind: "recovery_token",
      address,
      pkce: challenge !== null,
    });
  });
  await auth.mail.send({
    kind: "recovery",
    type: "recovery",
    to: address,
    user,
    secret,
    redirectTo: redirectOf(auth, call),
  });
  return json({});
};
