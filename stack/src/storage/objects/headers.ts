import type { ServerResponse } from "node:http";
import type { ObjectRow } from "../database/rows.ts";
import { bareType } from "./facts.ts";

export interface ServeOptions {
  /** The answer depends on who asks. */
  personal?: boolean;
  /** End of a signed URL's life, in milliseconds. */
  expires?: number;
  /** The query's `download`: a name to save it by, or empty; null where the query has none. */
  download?: string | null;
  /** Of an image that was made from the object. */
  type?: string;
}

/**
 * Nothing that is stored runs: no script, form or plugin, in a document without an origin. What an image or a film
 * needs to be shown by itself is let through.
 */
export const policy =
  "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox";

/** Types that a browser shows and that cannot carry script; everything else is saved. */
const shown = /^(?:image\/(?!svg)[\w.+-]+|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain)$/;

/** What is said of an object: what it is, how long it holds, and that it must not run. */
export function setHeaders(res: ServerResponse, { metadata }: ObjectRow, options: ServeOptions): void {
  const type = options.type ?? servedType(metadata?.mimetype);
  res.setHeader("content-type", type);
  res.setHeader("accept-ranges", "bytes");
  if (metadata?.eTag && !options.type) res.setHeader("etag", metadata.eTag);
  if (metadata?.contentEncoding && !options.type) res.setHeader("content-encoding", metadata.contentEncoding);
  const modified = Date.parse(metadata?.lastModified ?? "");
  if (!Number.isNaN(modified)) res.setHeader("last-modified", new Date(modified).toUTCString());
  setCaching(res, metadata?.cacheControl ?? "no-cache", options);
  res.setHeader("x-robots-tag", metadata?.xRobotsTag ?? "none");
  res.setHeader("x-content-type-options", "nosniff");
  res.setHeader("content-security-policy", policy);
  const disposition = dispositionOf(options.download ?? null, type);
  if (disposition) res.setHeader("content-disposition", disposition);
}

/** As on hosted, pages are served as text. */
const servedType = (type = "application/octet-stream") =>
  bareType(type) === "text/html" ? "text/plain; charset=utf-8" : type;

// A browser's cache must not hand on what one user has read to the next, nor outlive a signed URL. What it would have to
// ask for again is of no use to it without the URL.
function setCaching(res: ServerResponse, cacheControl: string, { personal, expires }: ServeOptions): void {
  if (expires !== undefined) {
    const left = Math.max(0, Math.floor((expires - Date.now()) / 1000));
    const lasts = cacheControl.includes("max-age");
    res.setHeader("cache-control", lasts ? `private, max-age=${left}` : "no-store");
    res.setHeader("expires", new Date(expires).toUTCString());
    return;
  }
  res.setHeader("cache-control", cacheControl);
  if (personal) res.appendHeader("vary", "authorization, apikey");
}

function dispositionOf(download: string | null, type: string): string | null {
  if (download === null) return shown.test(bareType(type)) ? null : "attachment";
  if (download === "") return "attachment;";
  const name = encodeURIComponent(toWellFormed(download)).replace(/['()*]/g, escapeMark);
  return `attachment; filename=${name}; filename*=UTF-8''${name}`;
}

/** Half a surrogate pair cannot be escaped. */
const toWellFormed = (text: string) => Buffer.from(text, "utf8").toString("utf8");

const escapeMark = (mark: string) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;
