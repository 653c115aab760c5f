/** What only Node has: keys in a file, files on the disk, and encryption that need not wait for a thread. */
export { type DiskSource, fileSource, fileTarget } from "../files/node/index.ts";
export * from "../store/keys/file/index.ts";
export { nodeCrypto } from "./crypto.ts";
