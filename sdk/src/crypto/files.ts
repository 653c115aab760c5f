/** Files, share links, and the encryption of both by itself. */
export * from "./chunked/index.ts";
export * from "./chunked/streams.ts";
export * from "./file/index.ts";
export * from "./link/index.ts";
