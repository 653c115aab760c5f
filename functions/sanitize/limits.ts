/** In bytes. A hosted function has about two seconds of processor time. */
export const MAX_BYTES = 1_048_576;

/** Objects and arrays within each other. */
export const MAX_DEPTH = 64;

/** Per caller: each call may cost as much as a whole body takes. */
export const RATE = { most: 120, seconds: 60 };
