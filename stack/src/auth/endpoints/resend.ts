import { confirmAgain } from "../confirmation.ts";
import type { AuthContext, Call, Handler } from "../context.ts";
import { sendEmailChange } from "../email-change.ts";
import { AuthError, invalid } from "../errors.ts";
import { email, json, text } from "../http.ts";
import type { Challenge } from "../pkce.ts";
import { challengeIn } from "../pkce.ts";
import { findUserByEmail } from "../store/users.ts";
import { redirectOf } from "./redirect-of.ts";

async function resendSignUp(
  auth: AuthContext,
  call: Call,
  address: string,
  challenge: Challenge | null,
): Promise<void> {
  auth.limits.mail("signup", address);
  const user = await findUserByEmail(auth.sql, address);
  if (user === null || user.email_confirmed_at !== null) return auth.mail.pretend();
  const wish = { address, password: null, data: {}, challenge, redirectTo: redirectOf(auth, call) };
  return confirmAgain(auth, call, user, wish);
}

async function resendEmailChange(
  auth: AuthContext,
  call: Call,
  address: string,
  challenge: Challenge | null,
): Promise<void> {
  auth.limits.mail("email_change", address);
  const user = await findUserByEmail(auth.sql, address);
  if (user === null || !user.email_change) return auth.mail.pretend();
  return sendEmailChange(auth, user, {
    newEmail: user.email_change,
    challenge,
    redirectTo: redirectOf(auth, call),
  });
}

/** POST /resend: the mail of a sign-up or a change of address once more; `{}` whether or not there is one to send. */
export const resend: Handler = async (auth, call) => {
  auth.limits.request(auth.limits.mailRequest, call.ip);
  const type = text(call.body, "type");
  if (type === "sms" || type === "phone_change") {
    throw new AuthError(400, "phone_provider_disabled", "Phone provider is disabled");
  }
  if (type !== "signup" && type !== "email_change") {
    throw invalid("Missing one of these types: signup, email_change, sms, phone_change");
  }
  const address = email(text(call.body, "email"));
  const challenge = challengeIn(call.body);
  await (type === "signup" ? resendSignUp : resendEmailChange)(auth, call, address, challenge);
  return json({});
};
