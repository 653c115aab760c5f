/** In bytes. */
export const MAX_BYTES = 1_048_576;

/** Objects and arrays within each other. */
export const MAX_DEPTH = 64;

/** Milliseconds of cleaning: the hosted platform ends a function after two seconds of processor time. */
export const MAX_MS = 1_500;

/** Per caller: each call may cost as much as a whole body takes. */
export const RATE = { most: 120, seconds: 60 };
