import type { Session as RawSession, User as RawUser } from "@supabase/supabase-js";
import type { Session, User } from "./types.ts";

export function toUser(user: RawUser): User {
  return {
    id: user.id,
    email: user.email ?? null,
    emailConfirmed: Boolean(user.email_confirmed_at),
    newEmail: user.new_email ?? null,
    createdAt: user.created_at,
    lastSignInAt: user.last_sign_in_at ?? null,
  };
}

export function toSession(session: RawSession): Session {
  const expiresAt = session.expires_at ?? Date.now() / 1000 + session.expires_in;
  const hasFactor = (session.user.factors ?? []).some((factor) => factor.status === "verified");
  return {
    user: toUser(session.user),
    accessToken: session.access_token,
    expiresAt: new Date(expiresAt * 1000).toISOString(),
    needsSecondFactor: hasFactor && claimsOf(session.access_token).aal !== "aal2",
  };
}

/** What a token says of itself; unverified, good for display only. */
function claimsOf(token: string): Record<string, unknown> {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims: unknown = JSON.parse(atob(payload));
    return typeof claims === "object" && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}
