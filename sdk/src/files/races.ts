import { isTrackItError } from "../errors.ts";

/** Of one change in a row: each is another device's that was quicker. */
const MOST_RACES = 8;

/**
 * Makes a change of what it reads first. Where another device has changed the row meanwhile, it is made of what stands
 * there then: neither change is lost.
 *
 * @throws CONFLICT_VERSION where others were quicker eight times
 */
export async function overRaces<T>(change: () => Promise<T>): Promise<T> {
  for (let races = 1; ; races++) {
    try {
      return await change();
    } catch (error) {
      if (!isTrackItError(error, "CONFLICT_VERSION") || races >= MOST_RACES) throw error;
    }
  }
}
