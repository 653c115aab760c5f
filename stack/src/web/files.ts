import { createHash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".txt": "text/plain; charset=utf-8",
};

/** A file of the built app, ready to send. */
export interface StaticFile {
  body: Uint8Array;
  type: string;
  etag: string;
}

/**
 * Reads a file below `root` (a real path), or says null: for what is not there, for a directory, for dot files,
 * for a path that climbs out by `..`, an encoded slash or a link, and for a kind of file that apps do not have.
 * @param pathname as the request wrote it, still percent-encoded
 */
export async function readStatic(root: string, pathname: string): Promise<StaticFile | null> {
  const path = decode(pathname);
  if (path === null || /[\0\\]/.test(path) || path.split("/").some((part) => part.startsWith(".")))
    return null;
  const type = types[extname(path).toLowerCase()];
  if (!type) return null;
  try {
    const file = await realpath(join(root, path));
    if (!file.startsWith(root + sep)) return null;
    const body = await readFile(file);
    return { body, type, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR" || code === "ENAMETOOLONG") return null;
    throw error;
  }
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}
