import type { FileInfo } from "../crypto/file/index.ts";
import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { throwIfAborted } from "../failure/network.ts";
import type { WriteOptions } from "../types.ts";
import type { Desk } from "./desk.ts";
import { readRow } from "./download/download.ts";
import { checkId } from "./id.ts";
import { openInfo, sealInfo } from "./infos.ts";
import { overRaces } from "./races.ts";
import { toFile } from "./shape.ts";
import type { FilePatch, StoredFile } from "./types.ts";
import { thumbnailFor } from "./upload/thumbnail.ts";
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

/** A name or small picture is sealed anew, with what stands there beside it. */
export async function updateFile(
  desk: Desk,
  id: string,
  { name, folderId, thumbnail }: FilePatch,
  options: WriteOptions,
): Promise<StoredFile> {
  const action = "files.update";
  const place = folderId === undefined ? {} : { folder_id: folderId };
  if (name === undefined && thumbnail === undefined) return changeFile(desk, id, place, options, action);
  const patch = {
    ...(name === undefined ? {} : { name: name.normalize("NFC") }),
    ...(thumbnail === undefined ? {} : { thumbnail: await thumbnailFor(null, thumbnail ?? false, action) }),
  };
  const change = async (): Promise<StoredFile> => {
    const row = await readRow(desk, id, action, options.signal);
    if (!row.encrypted) {
      if (thumbnail) throw invalid(action, "thumbnail", thumbnail.size, "none: this file is not encrypted");
      return changeFile(desk, id, { ...place, ...(patch.name ? { name: patch.name } : {}) }, options, action);
    }
    const sealed = await resealed(desk, row, patch, action);
    throwIfAborted(options.signal, action);
    // What is sealed stands in place of what was opened, and of nothing newer.
    const version = options.version ?? row.version;
    return changeFile(desk, id, { ...place, sealed }, { ...options, version }, action);
  };
  return options.version === undefined ? overRaces(change) : change();
}

async function resealed(
  desk: Desk,
  row: FileRow,
  patch: Partial<Pick<FileInfo, "name" | "thumbnail">>,
  action: string,
): Promise<string> {
  const { info, problem } = await openInfo(desk, row, action);
  if (info) return sealInfo(desk, { ...info, ...patch }, row.sealed, action);
  throw new TrackItError("CRYPTO_OPEN_FAILED", `${action}: file ${row.id} does not open`, {
    hint: problem?.next,
  });
}
