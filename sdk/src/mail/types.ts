import type { CallOptions } from "../types.ts";

export interface MailPreference {
  /** What the mail is about: `reminders`, … */
  kind: string;
  /** Whether it is sent. */
  wanted: boolean;
}

export interface Mail {
  /**
   * The kinds of mail that the signed-in user may switch. Security mail is always sent and is not among them.
   *
   * @throws AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * const [reminders] = await trackit.mail.preferences();
   * console.log(reminders?.wanted ? "reminded by mail" : "not reminded");
   * ```
   */
  preferences(options?: CallOptions): Promise<MailPreference[]>;
  /**
   * Switches a kind of mail on or off for the signed-in user.
   *
   * @throws USAGE_INVALID for a kind that is not among the preferences; AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.mail.setPreference("reminders", false);
   * ```
   */
  setPreference(kind: string, wanted: boolean, options?: CallOptions): Promise<void>;
  /**
   * Switches off what the link of a mail names, for whoever it was sent to. Nobody has to be signed in.
   *
   * @param token The `token` of the link.
   * @returns The kind of mail that is switched off.
   * @throws USAGE_INVALID for a token that is none of ours; LIMIT_RATE, NETWORK_ codes
   * @example
   * ```ts
   * const token = new URL(url).searchParams.get("token") ?? "";
   * await trackit.mail.unsubscribe(token);
   * ```
   */
  unsubscribe(token: string, options?: CallOptions): Promise<string>;
}
