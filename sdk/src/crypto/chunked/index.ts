export { createOpener, createSealer, type Opener, type Sealer } from "./cipher.ts";
export { CHUNK, HEADER, offsetOf, plainLength, SALT, sealedLength, TAG } from "./layout.ts";
export { openBytes, sealBytes } from "./once.ts";
