let taken: string | null = null;

/**
 * The link of this visit; null where its key is not here, as after a reload. What stands behind its # goes out of the
 * address at once, so that it stays in no history and is shown to nobody who looks at the screen.
 */
export function takeLink(): string | null {
  if (location.hash.length > 1) {
    taken = location.href;
    history.replaceState(history.state, "", location.pathname);
  }
  return taken;
}
