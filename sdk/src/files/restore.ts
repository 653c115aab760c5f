import type { Desk } from "./desk.ts";
import { findContent, readRow } from "./download/download.ts";
import { readContent } from "./download/open.ts";
import { toFile } from "./shape.ts";
import type { TransferOptions, Upload } from "./types.ts";
import { retryOfRestore } from "./upload/retries.ts";
import { sendVersion } from "./upload/upload.ts";
import type { FileRow } from "./wire.ts";

/**
 * The old content becomes the newest: whoever saw the newer one takes no older number for it. What is sealed is sealed for
 * its number, so it is read here, piece by piece, and sent under the next one; what is not, the server puts in its place.
 */
export function restoreVersion(desk: Desk, id: string, number: number, options: TransferOptions): Upload {
  const retry = retryOfRestore(desk, id, number);
  return sendVersion(desk, id, { ...options, restores: number, retry }, async (action, signal) => {
    const row = await readRow(desk, id, action, signal);
    if (!row.encrypted) {
      const restored = await desk.ask<FileRow>("restore_version", { file: id, number }, action, signal);
      return { done: await toFile(desk, restored, action) };
    }
    const { file, readable } = await findContent(desk, id, number, action, signal);
    const source = { size: file.size, stream: () => readContent(readable, { signal, action }) };
    const thumbnail = readable.info ? new Blob([readable.info.thumbnail]) : false;
    return { file: await toFile(desk, row, action), source, options: { type: file.type, thumbnail } };
  });
}
