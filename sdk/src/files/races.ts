import { isTrackItError } from "../errors.ts";

/**
 * Of one change in a row: each is another device's that was quicker, which is progress. Where four change one file without
 * a pause, one of them loses eight in a row now and then; thirty-two it does not.
 */
const MOST_RACES = 32;

/**
 * Makes a change of what it reads first. Where another device has changed the row meanwhile, it is made of what stands
 * there then: neither change is lost.
 *
 * @throws CONFLICT_VERSION where others were quicker all the time
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
