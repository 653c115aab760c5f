import * as z from "zod/mini";
import { plainLine } from "./text.ts";
import { timeZone } from "./values.ts";

const EMAIL_RULE = "an e-mail address";

export const email = z.pipe(
  z.string(EMAIL_RULE),
  z.transform((value: string, context) => {
    const address = value.trim();
    const wellFormed = /^[^\s@]+@[^\s@]+$/.test(address) && address.length <= 254;
    if (!wellFormed) context.issues.push({ code: "custom", message: EMAIL_RULE, input: value });
    return address;
  }),
);

/** bcrypt reads 72 bytes and ignores what follows; how strong a password must be, the project decides. */
export const password = z
  .string("text")
  .check(z.refine((value) => byteLength(value) >= 1 && byteLength(value) <= 72, "1 to 72 bytes"));

const USERNAME_RULE = '3 to 30 of a-z, 0-9, ".", "_" and "-", with a letter or digit at both ends';
export const username = z
  .string(USERNAME_RULE)
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,28}[A-Za-z0-9]$/, USERNAME_RULE));

const LOCALE_RULE = "a language tag, such as en or pt-BR";
export const locale = z
  .string(LOCALE_RULE)
  .check(z.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, LOCALE_RULE));

export const displayName = plainLine(1, 80);

const remember = z.optional(z.enum(["device", "tab", "never"], "device, tab or never"));
const redirectTo = z.optional(z.string("an address"));

export const signUp = z.strictObject({
  email,
  password,
  username,
  displayName: z.optional(displayName),
  locale: z.optional(locale),
  timeZone: z.optional(timeZone),
  redirectTo,
});

export const passwordOnly = z.strictObject({ password });
export const emailOnly = z.strictObject({ email });

export const signIn = z.strictObject({ email, password, remember });

const MAIL_KINDS = ["signup", "email", "recovery", "email_change", "invite", "magiclink"] as const;
const kind = z.optional(z.enum(MAIL_KINDS, `one of ${MAIL_KINDS.join(", ")}`));
const codeText = z.string("the code from the mail").check(z.regex(/^\s*\d{6,10}\s*$/, "6 to 10 digits"));
const code = z.pipe(
  codeText,
  z.transform((value: string) => value.trim()),
);
const tokenHash = z.string("the token from the link").check(z.minLength(8, "the token from the link"));

export const mailProof = z.union(
  [z.strictObject({ tokenHash, kind }), z.strictObject({ email, code, kind })],
  "{ email, code } or { tokenHash } from the mail",
);

const totpCode = z.pipe(
  z.string("6 digits").check(z.regex(/^\s*\d{6}\s*$/, "6 digits")),
  z.transform((value: string) => value.trim()),
);

export const totpOnly = z.strictObject({ code: totpCode });

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
