import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { ObjectRow } from "../database/rows.ts";
import type { Versions } from "../disk/versions.ts";
import { noSuchKey, StorageError } from "../errors.ts";
import type { Call } from "../http/call.ts";
import { isOvertaken, isUnchanged, rangeStillHolds } from "./conditional.ts";
import { type ServeOptions, setHeaders } from "./headers.ts";
import { parseRange, type Span } from "./range.ts";

/**
 * Streams an object, or the part of it that is asked for. Bytes that are replaced meanwhile are served to their end.
 * @param find reads the row; read again when its bytes have been replaced just then
 */
export async function serve(
  call: Call,
  find: () => Promise<ObjectRow>,
  options: ServeOptions,
): Promise<void> {
  const { row, handle } = await openObject(call.services.versions, find);
  try {
    const { size } = await handle.stat();
    await send(call, row, handle, size, options);
  } finally {
    await handle.close();
  }
}

/** @throws StorageError NoSuchKey */
export async function openObject(
  versions: Versions,
  find: () => Promise<ObjectRow>,
): Promise<{ row: ObjectRow; handle: FileHandle }> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const row = await find();
    const handle = row.version === null ? null : await versions.open(row.version);
    if (handle) return { row, handle };
  }
  throw noSuchKey();
}

async function send(
  { req, res, query }: Call,
  row: ObjectRow,
  handle: FileHandle,
  size: number,
  options: ServeOptions,
): Promise<void> {
  if (isOvertaken(req.headers, row))
    throw new StorageError("PreconditionFailed", 412, "The object is another one by now", { status: 412 });
  setHeaders(res, row, { ...options, download: query.get("download") });
  if (isUnchanged(req.headers, row)) {
    res.writeHead(304).end();
    return;
  }
  const range = rangeStillHolds(req.headers, row) ? parseRange(req.headers.range, size) : null;
  if (range === "unsatisfiable") {
    for (const name of res.getHeaderNames())
      if (/^(?:content-|etag|cache)/.test(name)) res.removeHeader(name);
    res.setHeader("content-range", `bytes */${size}`);
    const refusal = new StorageError("InvalidRange", 416, "invalid range provided", {
      word: "invalid_range",
    });
    res.writeHead(416, { "content-type": "application/json" }).end(JSON.stringify(refusal.body));
    return;
  }
  if (range) res.setHeader("content-range", `bytes ${range.first}-${range.last}/${size}`);
  const span = range ?? { first: 0, last: size - 1 };
  res.writeHead(range ? 206 : 200, { "content-length": span.last - span.first + 1 });
  await pour(handle, res, span);
}

/** Greater pieces than the default of a file stream: fewer turns between disk and network. */
const pieceSize = 256 * 1024;

async function pour(handle: FileHandle, res: ServerResponse, { first, last }: Span): Promise<void> {
  if (res.req.method === "HEAD" || last < first) {
    res.end();
    return;
  }
  const bytes = handle.createReadStream({
    start: first,
    end: last,
    autoClose: false,
    highWaterMark: pieceSize,
  });
  // A receiver that goes away is no failure.
  await pipeline(bytes, res).catch((error: NodeJS.ErrnoException) => {
    res.destroy();
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE" && error.code !== "EPIPE" && error.code !== "ECONNRESET")
      throw error;
  });
}
