const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * How long to wait after so many vain tries in a row: anything from nothing to a bound that doubles, up to a minute.
 * The whole of it is chance ("full jitter", as the AWS architecture blog calls and measures it): clients that lost
 * the same server at the same moment come back spread out, not as one wave after another.
 */
export function backoff(tries: number, random: () => number): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 16));
}
