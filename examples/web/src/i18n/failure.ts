import { isTrackItError } from "@trackit/sdk";
import type { Dictionary } from "./en.ts";

/** A failure in the reader's words, and the input field that it belongs to, where it names one. */
export interface Failure {
  code: string;
  text: string;
  field: string | undefined;
}

/** Says what went wrong; the rule of a field is told by the dictionary where it knows the field. */
export function describeFailure(error: unknown, t: Dictionary): Failure {
  if (!isTrackItError(error)) return { code: "unknown", text: t.errors.unknown, field: undefined };
  const { code, field, retryAfter } = error;
  const rule = code === "USAGE_INVALID" && field ? t.invalid[field.split(".")[0] ?? ""] : undefined;
  const text = rule ?? t.errors[code];
  const free = proposedTitle(error);
  const wait = code === "LIMIT_RATE" && retryAfter ? ` ${t.errors.retryAfter(retryAfter)}` : "";
  return {
    code,
    text: text + wait + (free ? ` ${t.goals.titleFree(free)}` : ""),
    field: field ?? owner[code],
  };
}

/** The free title that comes with CONFLICT_TITLE_TAKEN, or null. */
export function proposedTitle(error: unknown): string | null {
  if (!isTrackItError(error, "CONFLICT_TITLE_TAKEN")) return null;
  const { details } = error;
  if (typeof details !== "object" || details === null || !("proposed" in details)) return null;
  return typeof details.proposed === "string" ? details.proposed : null;
}

/** The field that a code is about, where the error itself names none. */
const owner: Partial<Record<string, string>> = {
  CONFLICT_USERNAME_TAKEN: "username",
  CONFLICT_EMAIL_TAKEN: "email",
  CONFLICT_TITLE_TAKEN: "title",
  ACCESS_PASSWORD: "password",
  AUTH_CODE_INVALID: "code",
  AUTH_FACTOR: "code",
  AUTH_PASSWORD_WEAK: "password",
  AUTH_PASSWORD_SAME: "password",
};
