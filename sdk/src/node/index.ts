/** What only Node has: keys in a file, and files on the disk. */
export { type DiskSource, fileSource, fileTarget } from "../files/node/index.ts";
export * from "../store/keys/file/index.ts";
