import type { Trail } from "./trail.ts";

/** The trail of the last messages alone: two entries each. */
export function forgetMessages(trail: Trail, most: number): Trail {
  const own = [...trail.entries].filter(([, { at }]) => at < trail.size);
  const kept = own.sort(([, one], [, other]) => one.at - other.at).slice(-2 * most);
  return { size: kept.length, entries: new Map(kept.map(([key, { hash }], at) => [key, { at, hash }])) };
}
