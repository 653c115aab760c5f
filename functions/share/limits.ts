/** The calls of one address, or account: somebody who opens links, and no machine that tries them. */
export const RATE = { most: 120, seconds: 60 };
/** Of the addresses that are given out: hosted Storage checks one at its beginning, and a slow download goes on. */
export const URL_SECONDS = 60;
export const MAX_BYTES = 2_048;
