import type { AuthContext, Call, Db, Handler, Json } from "../context.ts";
import { redirectOf } from "../endpoints/redirect-of.ts";
import { AuthError, emailExists, invalid } from "../errors.ts";
import { email, json, object, text } from "../http.ts";
import type { VerifyType } from "../mail/desk.ts";
import { checkPassword, hashPassword } from "../passwords.ts";
import { newPassword } from "../secrets.ts";
import { requireAdmin } from "../session.ts";
import { actorOf, audit, SERVICE } from "../store/audit.ts";
import type { OneTime, TokenKind } from "../store/one-time.ts";
import { issueOneTime } from "../store/one-time.ts";
import { userJson } from "../store/user-json.ts";
import type { UserRow } from "../store/users.ts";
import { findUserByEmail, mergeMetadata } from "../store/users.ts";
import { createByAdmin } from "./create.ts";
import { inviteUser } from "./invite.ts";

/** A link that is handed to the administrator instead of being mailed. */
interface Made {
  user: UserRow;
  secret: OneTime;
  type: VerifyType;
}

type Maker = (auth: AuthContext, call: Call, address: string) => Promise<Made>;

async function existing(auth: AuthContext, address: string): Promise<UserRow> {
  const user = await findUserByEmail(auth.sql, address);
  if (user === null) throw new AuthError(404, "user_not_found", "User with this email not found");
  return user;
}

const issue = (
  auth: AuthContext,
  db: Db,
  userId: string,
  kind: TokenKind,
  address: string,
): Promise<OneTime> => issueOneTime(db, auth.settings, { userId, kind, address, pkce: false });

async function signUpByAdmin(
  auth: AuthContext,
  call: Call,
  address: string,
  password: string,
  data: Json,
): Promise<UserRow> {
  const passwordHash = await hashPassword(auth, password);
  return createByAdmin(auth, call, { email: address, passwordHash, userData: data });
}

const signUpLink: Maker = async (auth, call, address) => {
  const known = await findUserByEmail(auth.sql, address);
  if (known !== null && known.email_confirmed_at !== null) throw emailExists();
  const data = object(call.body, "data") ?? {};
  const password = text(call.body, "password");
  const generated = call.body.type === "magiclink";
  if (known === null && !generated) checkPassword(auth.settings, password);
  const user =
    known ?? (await signUpByAdmin(auth, call, address, generated ? newPassword() : password, data));
  if (known !== null) await mergeMetadata(auth.sql, user.id, "raw_user_meta_data", data);
  const secret = await auth.sql.begin((tx) => issue(auth, tx, user.id, "confirmation_token", address));
  return { user, secret, type: "signup" };
};

const recoveryLink =
  (type: "recovery" | "magiclink"): Maker =>
  async (auth, call, address) => {
    // A sign-in link for a new address makes its account.
    const known = await findUserByEmail(auth.sql, address);
    if (type === "magiclink" && known === null) return signUpLink(auth, call, address);
    const user = known ?? (await existing(auth, address));
    const secret = await auth.sql.begin(async (tx) => {
      await audit(tx, call, actorOf(user), "user_recovery_requested");
      return issue(auth, tx, user.id, "recovery_token", address);
    });
    return { user, secret, type };
  };

const inviteLink: Maker = async (auth, call, address) => {
  const { user, secret } = await inviteUser(auth, call, address, object(call.body, "data") ?? {});
  return { user, secret, type: "invite" };
};

const changeLink =
  (kind: "email_change_token_current" | "email_change_token_new"): Maker =>
  async (auth, call, address) => {
    const user = await existing(auth, address);
    const next = email(text(call.body, "new_email"));
    if ((await findUserByEmail(auth.sql, next)) !== null) throw emailExists();
    if (kind === "email_change_token_current" && !auth.settings.doubleConfirm) {
      throw invalid("Enable secure email change to generate link for current email");
    }
    const secret = await auth.sql.begin(async (tx) => {
      await tx`
        update auth.users set email_change = ${next}, email_change_confirm_status = 0 where id = ${user.id}`;
      await audit(tx, call, SERVICE, "user_modified", { user_id: user.id, user_email: user.email });
      return issue(auth, tx, user.id, kind, kind === "email_change_token_new" ? next : address);
    });
    return { user, secret, type: "email_change" };
  };

const MAKERS: Record<string, Maker> = {
  signup: signUpLink,
  invite: inviteLink,
  magiclink: recoveryLink("magiclink"),
  recovery: recoveryLink("recovery"),
  email_change_current: changeLink("email_change_token_current"),
  email_change_new: changeLink("email_change_token_new"),
};

/** POST /admin/generate_link: what a mail would hold, for administrators who send it themselves. */
export const generateLink: Handler = async (auth, call) => {
  requireAdmin(call);
  const wanted = text(call.body, "type");
  const make = Object.hasOwn(MAKERS, wanted) ? MAKERS[wanted] : undefined;
  if (make === undefined) {
    throw invalid(`Invalid email action link type requested: ${JSON.stringify(wanted.slice(0, 40))}`);
  }
  const address = email(text(call.body, "email"));
  const { user, secret, type } = await make(auth, call, address);
  const redirectTo = redirectOf(auth, call);
  const [row] = await auth.sql<UserRow[]>`select * from auth.users where id = ${user.id}`;
  return json({
    ...(await userJson(auth.sql, row ?? user)),
    action_link: auth.mail.link(secret.hash, type, redirectTo),
    email_otp: secret.code,
    hashed_token: secret.hash,
    verification_type: type === "email_change" ? wanted : type,
    redirect_to: redirectTo,
  });
};
