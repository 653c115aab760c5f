import type { AuthChangeEvent, Session as RawSession } from "@supabase/supabase-js";
import type { Connection } from "../connect.ts";
import { session } from "./session.ts";
import { toSession } from "./shape.ts";
import type { AuthEvent, Session } from "./types.ts";
import { type SessionVault, userIn } from "./vault.ts";

const EVENTS: Record<string, AuthEvent> = {
  INITIAL_SESSION: "initial",
  SIGNED_IN: "signedIn",
  SIGNED_OUT: "signedOut",
  TOKEN_REFRESHED: "refreshed",
  USER_UPDATED: "userUpdated",
  PASSWORD_RECOVERY: "recovery",
  MFA_CHALLENGE_VERIFIED: "secondFactor",
};

type Listener = (event: AuthEvent, session: Session | null) => void;

/**
 * Tells the listener of changes. The auth client calls back while it holds its session, and awaits what the callback
 * returns: a listener that then asks for the session would wait for itself. Ours runs in a turn of its own.
 */
export function onChange(connection: Connection, listener: Listener): () => void {
  const { client, vault } = connection;
  let listening = true;
  const tell: Listener = (event, now) => {
    setTimeout(() => listening && listener(event, now));
  };
  const { data } = client.auth.onAuthStateChange((event: AuthChangeEvent, now: RawSession | null) => {
    const known = EVENTS[event];
    if (known) tell(known, now && toSession(now));
  });
  const stopTabs = vault ? onOtherTabs(connection, vault, tell) : () => {};
  return () => {
    listening = false;
    data.subscription.unsubscribe();
    stopTabs();
  };
}

/**
 * What another tab does to the session that is kept on the device: it signs in, out, or in as somebody else. That it
 * renews the same user's tokens is no news.
 */
function onOtherTabs(connection: Connection, vault: SessionVault, tell: Listener): () => void {
  if (typeof window === "undefined" || !window.addEventListener) return () => {};
  const onStorage = async ({ key, oldValue, newValue }: StorageEvent): Promise<void> => {
    if (key !== vault.name || userIn(oldValue) === userIn(newValue)) return;
    // After a sign-out elsewhere nothing on the device tells any more that this tab relied on it.
    const place = await vault.choice();
    if (newValue !== null && place !== "device") return;
    const now = await session(connection);
    tell(now ? "signedIn" : "signedOut", now);
  };
  const handler = (event: StorageEvent): void => void onStorage(event);
  window.addEventListener("storage", handler);
  return () => window.removeEventListener("storage", handler);
}
