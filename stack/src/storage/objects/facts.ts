import type { BucketRow, ObjectMetadata } from "../database/rows.ts";
import type { Received } from "../disk/receive.ts";
import { invalidMimeType, malformedMimeType, tooLarge } from "../errors.ts";
import { isFolderPlaceholder } from "../names.ts";

/** What an upload says of itself before its bytes. */
export interface Facts {
  mimetype: string;
  cacheControl: string;
  contentEncoding: string | null;
  userMetadata: Record<string, unknown> | null;
  /** Bytes, where they are announced. */
  size: number | null;
  /** Bytes of the form that they come in: more than its file's, and all that policies can be told before it. */
  formSize?: number | null;
  /** For search engines. */
  robots?: string | null;
}

/** Bytes of the greatest object in a bucket, of this name. */
export function limitOf(bucket: BucketRow, projectLimit: number, name: string): number {
  if (isFolderPlaceholder(name)) return 0;
  return Math.min(bucket.file_size_limit ?? projectLimit, projectLimit);
}

/** A type and its parameters, in characters that a header may carry. */
const typePattern = /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+(?:\s*;[\x20-\x7e]*)?$/;

/** @throws StorageError InvalidMimeType where it is no type, or none that the bucket takes */
export function checkType(type: string, bucket: BucketRow, name: string): void {
  if (type.length > 255 || !typePattern.test(type)) throw malformedMimeType();
  const allowed = bucket.allowed_mime_types ?? [];
  if (allowed.length === 0 || isFolderPlaceholder(name)) return;
  const bare = bareType(type);
  const fits = allowed.some((one) => {
    const wanted = one.toLowerCase();
    return wanted === "*" || wanted === "*/*" || wanted === type.toLowerCase() || bareType(wanted) === bare
      ? true
      : wanted.endsWith("/*") && bare.startsWith(wanted.slice(0, -1));
  });
  if (!fits) throw invalidMimeType(type);
}

/** Without parameters, in lower case. */
export const bareType = (type: string) => (type.split(";")[0] ?? "").trim().toLowerCase();

/** Seconds, or a whole header; what no header may carry is as if nothing had been said. */
export function readCacheControl(value: string | undefined, inSeconds: boolean): string {
  if (!value || value.length > 255 || !/^[\x20-\x7e]+$/.test(value)) return "no-cache";
  return inSeconds ? `max-age=${value}` : value;
}

export const readEncoding = (value: string | undefined) =>
  value !== undefined && /^[a-z0-9-]+(?:, ?[a-z0-9-]+)*$/i.test(value) ? value : null;

const metadataLimit = 1024 * 1024;

/**
 * What the client wants to be kept with the object; what is no JSON object is as if nothing had been said, as on hosted.
 * @throws StorageError EntityTooLarge
 */
export function readUserMetadata(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  if (Buffer.byteLength(text) > metadataLimit) throw tooLarge("user_metadata");
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

/** `storage.objects.metadata`, before (policies may look at it) and after the bytes have come. */
export function metadataOf(facts: Facts, received?: Received): Partial<ObjectMetadata> {
  const size = received?.size ?? facts.size;
  const contentLength = size ?? facts.formSize ?? null;
  return {
    ...(received
      ? { eTag: `"${received.md5}"`, lastModified: new Date().toISOString(), httpStatusCode: 200 }
      : {}),
    ...(size === null ? {} : { size }),
    ...(contentLength === null ? {} : { contentLength }),
    mimetype: facts.mimetype,
    cacheControl: facts.cacheControl,
    ...(facts.contentEncoding ? { contentEncoding: facts.contentEncoding } : {}),
    ...(facts.robots ? { xRobotsTag: facts.robots } : {}),
  };
}
