/** Files, share links, and the encryption of both by itself. */
export * as chunked from "./chunked/index.ts";
export * as file from "./file/index.ts";
export * as link from "./link/index.ts";
