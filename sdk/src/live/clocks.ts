/** Milliseconds that the live part waits; read when they are needed, so that a test can have shorter ones. */
export const clocks = {
  /** Between two looks at whether something was missed, a third more or less, so that clients spread out. */
  headCheck: 30_000,
  /** Who goes from one page to the next stops watching for a moment. */
  linger: 1_000,
  /** For the answer to a request, body and all: a connection that has died silently gives none. */
  answer: 30_000,
};
