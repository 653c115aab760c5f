import type { ChatKeys } from "../chat/index.ts";
import type { Connection } from "../connect.ts";
import { onceLoaded } from "../lazy.ts";
import { changeFile, updateFile } from "./change.ts";
import { deskOn } from "./desk.ts";
import { intoTarget, toBlob, toStream } from "./download/deliver.ts";
import { openContent, readRow } from "./download/download.ts";
import type { Folders } from "./folder-types.ts";
import { foldersOn } from "./folders.ts";
import { checkId } from "./id.ts";
import { learnInfo } from "./learn.ts";
import { listFiles, listShared, searchFiles } from "./list.ts";
import { resealFiles } from "./reseal.ts";
import { restoreVersion } from "./restore.ts";
import { sendFiles } from "./send.ts";
import { toFile, toVersion } from "./shape.ts";
import { listBegun } from "./upload/list.ts";
import { cancelUpload } from "./upload/run.ts";
import { resumeUpload, startUpload, uploadLater } from "./upload/upload.ts";
import type { Files } from "./verbs.ts";
import type { VersionRow } from "./wire.ts";

/** As many as the database takes in one call. */
const PURGED_AT_ONCE = 100;

/** Everything of files that is not in the entry. */
export function makeFiles(connection: Connection, keys: ChatKeys): { files: Files; folders: Folders } {
  const desk = deskOn(connection, keys);
  const sealed = onceLoaded(() => resealFiles(desk));
  const purge = (ids: string[], signal?: AbortSignal): Promise<number> =>
    desk.ask<number>("purge_files", { ids }, "files.purge", signal);
  const files: Files = {
    upload: (source, options = {}) => startUpload(desk, source, options),
    uploadVersion: (id, source, options = {}) => uploadLater(desk, id, source, options),
    send: (roomId, sources, options = {}) => sendFiles(desk, roomId, sources, options),
    uploads: (options = {}) => listBegun(desk, options),
    resume: (uploadId, source, options = {}) => resumeUpload(desk, uploadId, source, options),
    cancel: (uploadId, { signal } = {}) => {
      checkId(uploadId, "files.cancel");
      return cancelUpload(desk, uploadId, "files.cancel", signal);
    },
    get: async (id, { signal } = {}) =>
      toFile(desk, await readRow(desk, id, "files.get", signal), "files.get"),
    list: (filter = {}, options = {}) => listFiles(desk, filter, options, sealed),
    search: (words, options = {}) => searchFiles(desk, words, options, sealed),
    shared: (options = {}) => listShared(desk, options, (row) => learnInfo(desk, row, "files.shared")),
    download: async (ref, options = {}) => {
      const { file, content } = await openContent(desk, ref, options, "files.download");
      return toBlob(content, file.type);
    },
    stream: async (ref, options = {}) => {
      const { file, content } = await openContent(desk, ref, options, "files.stream");
      return { file, stream: toStream(content) };
    },
    save: (ref, target, options = {}) =>
      intoTarget(target, () => openContent(desk, ref, options, "files.save")),
    update: (id, patch, options = {}) => updateFile(desk, id, patch, options),
    remove: (id, options = {}) => changeFile(desk, id, { trashed: true }, options, "files.remove"),
    restore: (id, options = {}) => changeFile(desk, id, { trashed: false }, options, "files.restore"),
    purge: async (ids, { signal } = {}) => {
      const wanted = typeof ids === "string" ? [ids] : [...ids];
      for (const id of wanted) checkId(id, "files.purge");
      let gone = 0;
      for (let at = 0; at < wanted.length; at += PURGED_AT_ONCE)
        gone += await purge(wanted.slice(at, at + PURGED_AT_ONCE), signal);
      return gone;
    },
    versions: async (id, { signal } = {}) => {
      checkId(id, "files.versions");
      const rows = await desk.ask<VersionRow[]>("file_versions_of", { file: id }, "files.versions", signal);
      return rows.map(toVersion);
    },
    restoreVersion: (id, number, options = {}) => restoreVersion(desk, id, number, options),
  };
  return { files, folders: foldersOn(desk) };
}
