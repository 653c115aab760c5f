import { TrackItError } from "../../errors.ts";

/**
 * The one answer to whatever does not open: a wrong key, a changed byte, a cut end and a wrong length look alike,
 * because telling them apart would help whoever sends forgeries. It carries no cause for the same reason.
 */
export function openFailed(): TrackItError<"CRYPTO_OPEN_FAILED"> {
  return new TrackItError("CRYPTO_OPEN_FAILED", "crypto: this cannot be opened");
}

/**
 * Runs what opens or decodes something that came from outside.
 *
 * @throws CRYPTO_OPEN_FAILED in place of whatever it throws.
 */
export async function opening<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch {
    throw openFailed();
  }
}

/** The caller's own mistake while something is made: USAGE_INVALID with what was given and what was wanted. */
export function misuse(what: string, value: unknown, rule: string): TrackItError<"USAGE_INVALID"> {
  return new TrackItError("USAGE_INVALID", `crypto: ${what} is ${value}, wanted ${rule}`, { rule });
}
