import type { Log } from "../../part.ts";
import type { MailKind } from "../config.ts";
import type { Json } from "../context.ts";
import { describe } from "../describe.ts";
import { unexpected } from "../errors.ts";
import type { Settings } from "../settings.ts";
import type { OneTime } from "../store/one-time.ts";
import type { UserRow } from "../store/users.ts";
import type { Mailer } from "./smtp.ts";
import type { Templates } from "./templates.ts";

/** The `type` of a verification, as it stands in links. */
export type VerifyType = "signup" | "recovery" | "invite" | "magiclink" | "email_change" | "reauthentication";

export interface Letter {
  kind: MailKind;
  type: VerifyType;
  /** Where it goes: the user's address, or the new one. */
  to: string;
  user: UserRow;
  secret: OneTime;
  /** Where the link leads in the end; already checked. */
  redirectTo: string;
  newEmail?: string;
}

/** Writes and sends the mails of Auth. */
export interface MailDesk {
  send(letter: Letter): Promise<void>;
  /**
   * Does what `send` does short of sending: an address without an account must take as long, and fail as surely when
   * no mail can be sent.
   */
  pretend(): Promise<void>;
  /** The link that proves and then leads on. */
  link(hash: string, type: VerifyType, redirectTo: string): string;
}

export function createMailDesk(parts: {
  settings: Settings;
  templates: Templates;
  mailer: Mailer;
  log: Log;
}): MailDesk {
  const { settings, templates, mailer, log } = parts;
  const guarded = async (work: () => Promise<void>, kind: string): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.error("auth.mail_failed", { kind, ...describe(error) });
      throw unexpected("Error sending email");
    }
  };
  const link = (hash: string, type: VerifyType, redirectTo: string): string => {
    const query = new URLSearchParams({ token: hash, type, redirect_to: redirectTo });
    return `${settings.externalUrl}/verify?${query}`;
  };
  const valuesOf = (letter: Letter): Json => ({
    ConfirmationURL: link(letter.secret.hash, letter.type, letter.redirectTo),
    Token: letter.secret.code,
    TokenHash: letter.secret.hash,
    SiteURL: settings.siteUrl,
    RedirectTo: letter.redirectTo,
    Email: letter.user.email ?? letter.to,
    NewEmail: letter.newEmail ?? letter.user.email_change ?? "",
    SendingTo: letter.to,
    Data: letter.user.raw_user_meta_data ?? {},
  });
  return {
    link,
    send: (letter) =>
      guarded(() => mailer.send({ to: letter.to, ...templates(letter.kind, valuesOf(letter)) }), letter.kind),
    pretend: () => guarded(() => mailer.check(), "check"),
  };
}
