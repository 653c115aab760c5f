let taken: string | null = null;

/**
 * The invitation of this visit; null where there is none. What stands behind the # goes out of the address at once, and
 * is kept in the page's memory alone, also while its reader signs in or registers.
 */
export function takeInvitation(): string | null {
  if (location.pathname === "/join" && location.hash.length > 1) {
    taken = location.hash.slice(1);
    history.replaceState(history.state, "", "/join");
  }
  return taken;
}

/** The invitation was used, or is none. */
export function dropInvitation(): void {
  taken = null;
}
