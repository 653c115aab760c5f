import * as z from "zod/mini";
import { displayName, locale, username } from "./account.ts";
import { jsonObject } from "./json.ts";
import { timeZone } from "./values.ts";

const AVATAR_RULE = "an http or https address of at most 1000 characters";

export const profilePatch = z.strictObject({
  username: z.optional(username),
  displayName: z.optional(displayName),
  avatarUrl: z.optional(
    z.nullable(z.string(AVATAR_RULE).check(z.regex(/^https?:\/\/[^\s"<>]{1,990}$/, AVATAR_RULE))),
  ),
  locale: z.optional(locale),
  timeZone: z.optional(timeZone),
  preferences: z.optional(jsonObject),
});

export const usernameOnly = z.strictObject({ username });
