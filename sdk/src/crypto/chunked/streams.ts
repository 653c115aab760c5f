/** What is larger than memory: beside the index, for what never streams does not load it. */
export type { Source } from "./source.ts";
export {
  openRange,
  openStream,
  type Span,
  type StreamOptions,
  sealChunks,
  sealStream,
  spanOf,
} from "./stream.ts";
export { toTransform } from "./transform.ts";
