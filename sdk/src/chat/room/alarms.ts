import { isTrackItError } from "../../errors.ts";

export const FEWER = "the server shows fewer rows of this room than it did before";
export const OTHER = "the server shows another history of this room than it did before";

/** What was kept is given up, unless it is the server that cannot be asked, or says no. */
export function notSo(error: unknown): null {
  if (isTrackItError(error) && !error.code.startsWith("CRYPTO_")) throw error;
  return null;
}
