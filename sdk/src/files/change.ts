import { TrackItError } from "../errors.ts";
import { throwIfAborted } from "../failure/network.ts";
import type { WriteOptions } from "../types.ts";
import type { Desk } from "./desk.ts";
import { openContent, readRow } from "./download/download.ts";
import { checkId } from "./id.ts";
import { openInfo, sealInfo } from "./infos.ts";
import { toFile } from "./shape.ts";
import type { FilePatch, StoredFile, TransferOptions } from "./types.ts";
import { startVersion } from "./upload/upload.ts";
import type { FileRow } from "./wire.ts";

/** Changes a row. @throws CONFLICT_VERSION */
export async function changeFile(
  desk: Desk,
  id: string,
  changes: Record<string, unknown>,
  { version, signal }: WriteOptions,
  action: string,
): Promise<StoredFile> {
  checkId(id, action);
  const args = { id, changes, ...(version === undefined ? {} : { version }) };
  return toFile(desk, await desk.ask<FileRow>("change_file", args, action, signal), action);
}

/** A sealed name is sealed anew; what it stands with is taken over. */
export async function updateFile(
  desk: Desk,
  id: string,
  { name, folderId }: FilePatch,
  options: WriteOptions,
): Promise<StoredFile> {
  const action = "files.update";
  const place = folderId === undefined ? {} : { folder_id: folderId };
  if (name === undefined) return changeFile(desk, id, place, options, action);
  const row = await readRow(desk, id, action, options.signal);
  if (!row.encrypted) return changeFile(desk, id, { ...place, name: name.normalize("NFC") }, options, action);
  const { info, problem } = await openInfo(desk, row, action);
  if (!info)
    throw new TrackItError("CRYPTO_OPEN_FAILED", `${action}: file ${id} does not open`, {
      hint: problem?.next,
    });
  throwIfAborted(options.signal, action);
  const sealed = await sealInfo(desk, { ...info, name: name.normalize("NFC") }, action);
  // What stands under the sealed name must be what was opened.
  return changeFile(desk, id, { ...place, sealed }, { version: row.version, ...options }, action);
}

/** The old content becomes the newest: whoever saw the newer one takes no older number for it. */
export async function restoreVersion(
  desk: Desk,
  id: string,
  number: number,
  { signal, onProgress }: TransferOptions,
): Promise<StoredFile> {
  const action = "files.restoreVersion";
  const row = await readRow(desk, id, action, signal);
  const file = await toFile(desk, row, action);
  const opened = await openContent(desk, id, { version: number, signal }, action);
  const { size, type } = opened.file;
  const source = { size, stream: () => opened.content };
  return startVersion(desk, file, source, { type, signal, onProgress, thumbnail: false });
}
