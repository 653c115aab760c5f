import { isTrackItError } from "../errors.ts";
import { real } from "./around.ts";
import { backoff } from "./backoff.ts";
import { isPassing } from "./passing.ts";

export interface Persistence {
  /** In all. */
  tries: number;
  /** Ends the waiting; the work is tried once more then, and has to say what was ended. */
  signal: AbortSignal;
  /** What is worth another try; when left out, whatever may be another time. */
  isWorth?: (error: unknown) => boolean;
}

/** Does again, after longer and longer waits, what a network or a server has not let be: for what is safe to repeat. */
export async function again<T>(work: () => Promise<T>, given: Persistence): Promise<T> {
  const { isWorth = isPassing, signal, tries } = given;
  for (let count = 1; ; count++) {
    try {
      return await work();
    } catch (error) {
      if (count >= tries || !isWorth(error)) throw error;
      await real.wait(backoff(count, Math.random), signal);
    }
  }
}

/** As often as fits into ten seconds or so: somebody waits for it. Only where no answer came. */
export function briefly<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return again(work, { tries: 4, signal: signal ?? new AbortController().signal, isWorth: isUnanswered });
}

/** Whether no answer came, or none that says what has become of it. */
function isUnanswered(error: unknown): boolean {
  return isTrackItError(error) && /^NETWORK_(?!ABORTED)/.test(error.code);
}
