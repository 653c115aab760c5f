export { createOpener, createSealer, type Opener, type Sealer } from "./cipher.ts";
export { CHUNK, HEADER, offsetOf, plainLength, SALT, sealedLength, TAG } from "./layout.ts";
export { openBytes, sealBytes } from "./once.ts";
export type { Source } from "./source.ts";
export {
  openRange,
  openStream,
  type SealOptions,
  type Span,
  type StreamOptions,
  sealChunks,
  sealStream,
  spanOf,
} from "./stream.ts";
export { toTransform } from "./transform.ts";
