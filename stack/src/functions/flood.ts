/** Lines that a process may log within a window; more are counted and dropped. The hosted platform keeps 100. */
const most = 1_000;
const windowMs = 10_000;

export interface Flood {
  /** Whether one more line may be written. */
  admits(): boolean;
}

/**
 * Keeps a function that logs without end from filling the log that it shares with others.
 * @param onEnd told how many lines a window has dropped, when the next begins
 */
export function createFlood(onEnd: (dropped: number) => void, now = Date.now): Flood {
  let began = now();
  let count = 0;
  return {
    admits() {
      if (now() - began >= windowMs) {
        if (count > most) onEnd(count - most);
        began = now();
        count = 0;
      }
      return ++count <= most;
    },
  };
}
