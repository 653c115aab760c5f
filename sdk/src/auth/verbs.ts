import type { Connection } from "../connect.ts";
import { confirm } from "./confirm.ts";
import { onChange } from "./on-change.ts";
import { recover, resend, resetPassword } from "./recover.ts";
import { session, user } from "./session.ts";
import { createSessions } from "./sessions.ts";
import { remember, signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";
import { signUp } from "./sign-up.ts";
import { createTotp } from "./totp.ts";
import type { Auth } from "./types.ts";
import { reauthenticate, updateEmail, updatePassword } from "./update.ts";

/** The verbs of accounts on a connection that the whole client shares. */
export function authOn(connection: Connection): Auth {
  return {
    signUp: (input, options) => signUp(connection, input, options),
    confirm: (proof, options) => confirm(connection, proof, options),
    resend: (email, options) => resend(connection, email, options),
    signIn: (input, options) => signIn(connection, input, options),
    signOut: (options) => signOut(connection, options),
    recover: (email, options) => recover(connection, email, options),
    resetPassword: (proof, options) => resetPassword(connection, proof, options),
    updateEmail: (email, options) => updateEmail(connection, email, options),
    updatePassword: (password, options) => updatePassword(connection, password, options),
    reauthenticate: (options) => reauthenticate(connection, options),
    session: (options) => session(connection, options),
    user: (options) => user(connection, options),
    remember: (choice) => remember(connection, choice),
    onChange: (listener) => onChange(connection, listener),
    sessions: createSessions(connection),
    totp: createTotp(connection),
  };
}
