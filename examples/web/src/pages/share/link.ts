let taken: string | null = null;

/**
 * The link of this visit. What stands behind its # goes out of the address at once, so that it stays in no history and
 * is shown to nobody who looks at the screen; a reload needs the link again.
 */
export function takeLink(): string {
  if (location.hash.length > 1) {
    taken = location.href;
    history.replaceState(history.state, "", location.pathname);
  }
  return taken ?? location.href;
}
