import { fromUuid } from "../../chat/ids.ts";
import { fromBase64url, toBase64url } from "../../crypto/bytes/index.ts";
import { sealedLength } from "../../crypto/chunked/index.ts";
import { draftFile, encodeFileInfo, type FileDraft, type FileInfo } from "../../crypto/file/index.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import { throwIfAborted } from "../../failure/network.ts";
import { isUuid, uuid7 } from "../../ids/uuid7.ts";
import { again, briefly } from "../../retry/again.ts";
import type { Desk } from "../desk.ts";
import { readRow } from "../download/download.ts";
import { openInfo, sealInfo } from "../infos.ts";
import { overRaces } from "../races.ts";
import { toFile } from "../shape.ts";
import type { FileSource, StoredFile, TransferOptions, Upload, UploadOptions } from "../types.ts";
import type { Reserved, UploadRow } from "../wire.ts";
import { type Begun, draftIn, draftOut, findRestoring, forgetBegun, keepBegun, readBegun } from "./begun.ts";
import { contentOf } from "./content.ts";
import { type Retry, retryOf } from "./retries.ts";
import { asUpload, cancelUpload, type Run } from "./run.ts";
import { MOST_TRIES, sendContent } from "./send.ts";
import { type Readable, readable } from "./source.ts";
import { thumbnailFor } from "./thumbnail.ts";

const OPAQUE = "application/octet-stream";

/** How the server is asked for space. */
type Reserve = (size: number, draft: FileDraft | null) => Promise<Reserved>;

export function startUpload(desk: Desk, source: FileSource, options: UploadOptions): Upload {
  const action = "files.upload";
  const id = options.id ?? uuid7();
  return asUpload(desk, id, id, options, action, async (run) => {
    if (!isUuid(id)) throw invalid(action, "id", id, "a UUID");
    const { encrypt = true, folderId = null } = options;
    const from = readable(source, action);
    const named = { name: nameOf(options, from, action), isNamed: true, type: options.type ?? from.type };
    const draft = encrypt ? draftFile(desk.suite, fromUuid(id), 1) : null;
    const plain = { name: named.name, media_type: named.type || OPAQUE };
    const args = { id, encrypted: encrypt, folder: folderId, attachment: isAttachment(options) };
    const reserve: Reserve = (size) =>
      desk.ask("reserve_file", { ...args, ...(encrypt ? {} : plain), size }, action, run.signal);
    const thumbnail = options.thumbnail ?? "auto";
    return begin(run, from, { ...named, restores: null, thumbnail, draft }, reserve);
  });
}

/** Set by chat alone: such files stand in no folder, but in their message. */
export const ATTACHED = Symbol("attached");
const isAttachment = (options: UploadOptions): boolean => Reflect.get(options, ATTACHED) === true;

export function uploadLater(desk: Desk, id: string, source: FileSource, options: UploadOptions): Upload {
  const retry = retryOf(desk, id, source, options);
  return sendVersion(desk, id, { ...options, retry }, async (action, signal) => {
    const file = await toFile(desk, await readRow(desk, id, action, signal), action);
    const { encrypt = true } = options;
    // By the caller's word and not by the server's: that would have it in plain for the asking.
    if (encrypt !== file.encrypted)
      throw invalid(action, "encrypt", encrypt, `${file.encrypted}, as the file was begun`);
    return { file, source, options };
  });
}

/** What is sent as a file's next version, once the file was read; or the file, where nothing has to be sent. */
type Next =
  | { file: StoredFile; source: FileSource; options: Pick<UploadOptions, "name" | "type" | "thumbnail"> }
  | { done: StoredFile };

/**
 * @param options.restores The number of the version that is sent again: where that was begun here, it goes on.
 * @param options.retry Where the same call has failed before, it goes on as well.
 */
export function sendVersion(
  desk: Desk,
  id: string,
  options: TransferOptions & { restores?: number; retry: Retry },
  prepare: (action: string, signal: AbortSignal) => Promise<Next>,
): Upload {
  const restores = options.restores ?? null;
  const action = restores === null ? "files.uploadVersion" : "files.restoreVersion";
  return asUpload(desk, id, uuid7(), options, action, async (run) => {
    const next = await prepare(action, run.signal);
    if ("done" in next) return next.done;
    const { file, source, options: given } = next;
    const from = readable(source, action);
    const name = given.name ?? file.name ?? nameOf(given, from, action);
    const named = { name, isNamed: given.name !== undefined, type: given.type ?? (from.type || file.type) };
    const draft = file.encrypted
      ? draftFile(desk.suite, fromUuid(file.id), (file.contentVersion ?? 0) + 1)
      : null;
    const reserve: Reserve = (size) =>
      desk.ask("reserve_version", { file: file.id, upload: run.uploadId, size }, action, run.signal);
    const send = () =>
      begin(run, from, { ...named, restores, thumbnail: given.thumbnail ?? "auto", draft }, reserve);
    const begun = restores === null ? null : await restoring(run, file.id, restores);
    return retrying(run, { retry: options.retry, begun }, send);
  });
}

/** In the space of the call that failed before, if any did; in its own where the source is not what it was then. */
async function retrying(
  run: Run,
  { retry, begun }: { retry: Retry; begun: string | null },
  send: () => Promise<StoredFile>,
): Promise<StoredFile> {
  const failed = begun ?? retry.take();
  run.uploadId = failed ?? run.uploadId;
  const orKeep = (error: unknown): never => {
    if (!run.signal.aborted) retry.keep(run.uploadId);
    throw error;
  };
  try {
    return await send();
  } catch (error) {
    const isOther = isTrackItError(error, "FILE_CHANGED") || isTrackItError(error, "CONFLICT_ID");
    if (failed === null || begun !== null || !isOther) return orKeep(error);
    await cancelUpload(run.desk, failed, run.action, run.signal).catch(orKeep);
    run.uploadId = uuid7();
    return send().catch(orKeep);
  }
}

export function resumeUpload(
  desk: Desk,
  uploadId: string,
  source: FileSource,
  options: TransferOptions,
): Upload {
  const action = "files.resume";
  return asUpload(desk, uploadId, uploadId, options, action, async (run) => {
    const begun = await readBegun(run.keystore, uploadId);
    const open = await desk.ask<Reserved[]>("my_uploads", {}, action, run.signal);
    const upload = open.find((one) => one.upload.id === uploadId)?.upload;
    if (!begun || !upload)
      throw new TrackItError(
        "ACCESS_NOT_FOUND",
        `${action}: no upload ${uploadId} was begun on this device`,
        {
          hint: "Send the file anew",
        },
      );
    const from = readable(source, action);
    if (from.size !== begun.size)
      throw new TrackItError(
        "FILE_CHANGED",
        `${action}: the source has ${from.size} bytes, and had ${begun.size}`,
        {
          hint: "Cancel it and send the file from the beginning",
        },
      );
    return finish(run, from, begun, upload);
  });
}

/** The upload by which a version is being made the newest again, where this device has begun one and it is open. */
async function restoring(
  { desk, keystore, signal, action }: Run,
  fileId: string,
  number: number,
): Promise<string | null> {
  const begun = await findRestoring(keystore, fileId, number);
  if (begun === null) return null;
  const open = await desk.ask<Reserved[]>("my_uploads", {}, action, signal);
  return open.some(({ upload }) => upload.id === begun) ? begun : null;
}

async function begin(
  run: Run,
  from: Readable,
  given: Pick<Begun, "name" | "isNamed" | "type" | "restores"> & {
    thumbnail: Blob | "auto" | false;
    draft: FileDraft | null;
  },
  reserve: Reserve,
): Promise<StoredFile> {
  const { desk, keystore, signal, action } = run;
  const { name, isNamed, type, restores, draft } = given;
  const thumbnail = draft ? await thumbnailFor(from.blob, given.thumbnail, action) : new Uint8Array();
  if (draft) check(desk, { ...draft, name, type, size: from.size, thumbnail });
  throwIfAborted(signal, action);
  const size = draft ? sealedLength(from.size) : from.size;
  const { file, upload } = await briefly(() => reserve(size, draft), signal);
  // Another device was quicker, or the file is of a repeated call: what was kept for it then counts.
  const kept = await readBegun(keystore, upload.id);
  // Its reservation may have expired, and be another one now, under a number that it is not sealed for.
  const known = kept?.number === upload.number ? kept : null;
  if (upload.state === "ready") {
    await forgetBegun(keystore, upload.id);
    return toFile(desk, file, action);
  }
  const begun: Begun = known ?? {
    uploadId: upload.id,
    fileId: file.id,
    number: upload.number,
    name,
    isNamed,
    type,
    size: from.size,
    thumbnail: toBase64url(thumbnail),
    restores,
    ...draftOut(draft && { ...draft, version: upload.number }),
    url: null,
    parts: [],
  };
  await keepBegun(keystore, begun);
  return finish(run, from, begun, upload);
}

async function finish(run: Run, from: Readable, begun: Begun, upload: UploadRow): Promise<StoredFile> {
  const { desk, keystore, hold, signal, onProgress, action } = run;
  const draft = draftIn(begun, fromUuid(begun.fileId));
  const { bucket, path } = upload;
  const content = contentOf(desk.suite, from, draft);
  const type = draft ? OPAQUE : begun.type || OPAQUE;
  const { size, hash } = await sendContent({
    ...{ suite: desk.suite, door: desk.door, content, trail: begun, hold, signal, onProgress, action },
    target: { bucket, path, total: content.total, type },
    keep: () => keepBegun(keystore, begun),
  });
  const complete = async (): Promise<Reserved> => {
    const made = draft ? await sealedOf(run, begun, { ...draft, size, hash }) : { media_type: type };
    const done = { upload: upload.id, hash: toBase64url(hash), ...made };
    return desk.ask("complete_upload", done, action, signal);
  };
  const { file } = await again(() => overRaces(complete), { tries: MOST_TRIES, signal });
  await forgetBegun(keystore, upload.id);
  return toFile(desk, file, action);
}

/** What gives access to what was sent; of a later version, with the name that the file has by now. */
async function sealedOf(
  { desk, signal, action }: Run,
  { fileId, name, isNamed, number, thumbnail, type }: Begun,
  content: FileDraft & Pick<FileInfo, "size" | "hash">,
): Promise<{ sealed: string; version?: number }> {
  const info = { ...content, name, type, thumbnail: fromBase64url(thumbnail) };
  if (number === 1) return { sealed: await sealInfo(desk, info, null, action) };
  const row = await readRow(desk, fileId, action, signal);
  const before = isNamed ? null : (await openInfo(desk, row, action)).info;
  const named = { ...info, name: before?.name ?? name };
  const overtaken = (row.content_version ?? 0) > number;
  return { sealed: await sealInfo(desk, named, row.sealed, action, overtaken), version: row.version };
}

/** What the format refuses is refused before anything is sent. */
function check(desk: Desk, info: Omit<FileInfo, "hash">): void {
  const { id, version, key, size, name, type, thumbnail } = info;
  encodeFileInfo({ id, version, key, size, hash: desk.suite.random(32), name, type, thumbnail });
}

function nameOf({ name }: UploadOptions, from: Readable, action: string): string {
  const found = name ?? from.name;
  if (typeof found === "string" && found !== "") return found.normalize("NFC");
  throw invalid(action, "name", name, "a name of 1 to 255 bytes");
}
