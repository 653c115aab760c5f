/** Time and chance, so that tests can have their own. */
export interface Surroundings {
  now(): number;
  random(): number;
  /** Waits so long, or until the signal fires; never throws. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const real: Surroundings = {
  now: () => Date.now(),
  random: () => Math.random(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end, { once: true });
      function end(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      }
    }),
};
