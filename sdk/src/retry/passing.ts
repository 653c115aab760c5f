import { isTrackItError } from "../errors.ts";

/** Whether it may be another time: a network that is away, a server that is busy or broken. */
export function isPassing(error: unknown): boolean {
  return !isTrackItError(error) || /^(NETWORK_(?!ABORTED)|LIMIT_RATE|CONFLICT_BUSY)/.test(error.code);
}
