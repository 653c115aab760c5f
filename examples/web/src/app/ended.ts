import { isTrackItError } from "@trackit/sdk";

export type EndReason = "AUTH_REQUIRED" | "AUTH_SUSPENDED";

const listeners = new Set<(reason: EndReason) => unknown>();

/**
 * Looks at a failure that a page is about to show: a session that was ended elsewhere, or whose account was suspended,
 * ends here as well.
 */
export function heed(error: unknown): void {
  const reasons: readonly EndReason[] = ["AUTH_REQUIRED", "AUTH_SUSPENDED"];
  const reason = reasons.find((code) => isTrackItError(error, code));
  if (reason) for (const listener of listeners) listener(reason);
}

/** Calls back when the server no longer serves the session, and why; returns its own unsubscribe. */
export function onEnded(listener: (reason: EndReason) => unknown): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
