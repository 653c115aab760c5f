let moves = 0;

/**
 * Where a row is shown that was moved here, until the server has given it a position: behind `after`, before whatever
 * follows it, the later of two moves first. Positions are letters and digits, all of which sort after a space.
 * @param after the position of the row in front of it; "" for the start
 */
export function shownPlace(after: string): string {
  moves += 1;
  return `${after} ${1_000_000 - moves}`;
}
