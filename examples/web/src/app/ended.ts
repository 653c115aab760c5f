import { isTrackItError } from "@trackit/sdk";

const target = new EventTarget();

/** Looks at a failure that a page is about to show: a session that was ended elsewhere ends here as well. */
export function heed(error: unknown): void {
  if (isTrackItError(error, "AUTH_REQUIRED")) target.dispatchEvent(new Event("ended"));
}

/** Calls back when the server no longer knows the session; returns its own unsubscribe. */
export function onEnded(listener: () => void): () => void {
  target.addEventListener("ended", listener);
  return () => target.removeEventListener("ended", listener);
}
