import { invalidBucketName, invalidKey } from "./errors.ts";

/**
 * The characters of object names: those that S3 calls safe and those that need care there.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
const nameCharacters = /^[\w/!\-.*'() &$@=;:+,?]+$/;
const bucketCharacters = /^[\w!\-.*'() &$@=;:+,?]+$/;

/** S3's own limit; every character is one byte. */
const longestName = 1024;
const longestBucketName = 100;

/**
 * Names are never paths of this machine: bytes lie under ids. Empty segments and dots are refused all the same, since
 * URLs cannot name them: clients tidy them away.
 * @throws StorageError InvalidKey
 */
export function checkName(name: unknown): asserts name is string {
  const fits = typeof name === "string" && name.length <= longestName && nameCharacters.test(name);
  if (!fits || name.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw invalidKey(typeof name === "string" ? name.slice(0, longestName) : "");
}

/** @throws StorageError InvalidBucketName */
export function checkBucketName(name: unknown): asserts name is string {
  const fits = typeof name === "string" && name.length <= longestBucketName && bucketCharacters.test(name);
  if (!fits || name.trim() !== name || name === "." || name === "..") throw invalidBucketName();
}

/** What the dashboard puts into a folder that it makes: no bytes, of any type. */
export const isFolderPlaceholder = (name: string) => name.endsWith(".emptyFolderPlaceholder");
