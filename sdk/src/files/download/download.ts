import { toUuid } from "../../chat/ids.ts";
import { fromBase64url } from "../../crypto/bytes/index.ts";
import { sealedLength } from "../../crypto/chunked/index.ts";
import type { FileInfo } from "../../crypto/file/index.ts";
import { TrackItError } from "../../errors.ts";
import { held } from "../attachment.ts";
import type { Desk } from "../desk.ts";
import { checkId } from "../id.ts";
import { isPinned, openInfo, openSealed } from "../infos.ts";
import type { DownloadOptions, FileRef, OpenedFile } from "../types.ts";
import type { FileRow, VersionRow } from "../wire.ts";
import type { Ask } from "./fetch.ts";
import { type Readable, readContent } from "./open.ts";

/** A file that is being read: what it is, and its content in pieces. */
export async function openContent(
  desk: Desk,
  ref: FileRef,
  { version, from, to, signal = new AbortController().signal, onProgress }: DownloadOptions,
  action: string,
) {
  const { file, readable } = await findContent(desk, ref, version, action, signal);
  return { file, content: readContent(readable, { from, to, signal, onProgress, action }) };
}

export interface Found {
  file: OpenedFile;
  readable: Readable;
}

/** Where a file's content is, and what opens it. */
export async function findContent(
  desk: Desk,
  ref: FileRef,
  version: number | undefined,
  action: string,
  signal: AbortSignal,
): Promise<Found> {
  const known = typeof ref === "object" ? held.get(ref) : undefined;
  if (known && (version === undefined || version === known.info.version))
    return sealedFile(desk, known.ownerId, known.info, action);
  const id = typeof ref === "string" ? ref : "fileId" in ref ? ref.fileId : ref.id;
  const row = await readRow(desk, id, action, signal);
  if (version !== undefined && version !== row.content_version)
    return olderVersion(desk, row, version, action, signal);
  if (row.content_version === null) throw missing(action, id, "has no version that is whole yet");
  if (!row.encrypted)
    return bareFile(desk, row, { number: row.content_version, size: row.size, hash: row.hash }, action);
  const { info, problem } = await openInfo(desk, row, action);
  if (!info) throw unreadable(action, id, problem);
  return sealedFile(desk, row.owner_id, info, action);
}

async function olderVersion(
  desk: Desk,
  row: FileRow,
  number: number,
  action: string,
  signal: AbortSignal,
): Promise<Found> {
  const versions = await desk.ask<VersionRow[]>("file_versions_of", { file: row.id }, action, signal);
  const found = versions.find((one) => one.number === number && one.state === "ready");
  if (!found) throw missing(action, row.id, `has no version ${number}`);
  if (!row.encrypted) return bareFile(desk, row, found, action);
  const sealed = { id: row.id, sealed: found.sealed ?? "", version: number, older: true };
  const { info, problem } = await openSealed(desk, sealed, action);
  if (!info) throw unreadable(action, row.id, problem);
  return sealedFile(desk, row.owner_id, info, action);
}

export async function readRow(
  desk: Desk,
  id: string,
  action: string,
  signal?: AbortSignal,
): Promise<FileRow> {
  checkId(id, action);
  const [row] = await desk.ask<FileRow[]>("read_files", { ids: [id] }, action, signal);
  if (row) return { ...row, encrypted: row.encrypted || (await isPinned(desk, id, action)) };
  throw missing(action, id, "is not there, or not to be read by you");
}

function sealedFile(desk: Desk, ownerId: string, info: FileInfo, action: string): Found {
  const { name, type, size } = info;
  const path = `${ownerId}/${toUuid(info.id)}/${info.version}`;
  const readable = {
    suite: desk.suite,
    ask: asking(desk, path, action),
    info,
    stored: sealedLength(size),
    hash: null,
  };
  return { file: { name, type, size }, readable };
}

function bareFile(
  desk: Desk,
  row: FileRow,
  { number, size, hash }: { number: number; size: number; hash: string | null },
  action: string,
): Found {
  const path = `${row.owner_id}/${row.id}/${number}`;
  const given = { suite: desk.suite, ask: asking(desk, path, action), info: null, stored: size };
  return {
    file: { name: row.name ?? "", type: row.media_type ?? "", size },
    readable: { ...given, hash: hash === null ? null : fromBase64url(hash) },
  };
}

const asking =
  ({ door }: Desk, path: string, action: string): Ask =>
  ({ from, to }, signal) =>
    door.read(
      door.url(`object/authenticated/files/${path}`),
      { range: `bytes=${from}-${to - 1}` },
      action,
      signal,
    );

const missing = (action: string, id: string, what: string): TrackItError =>
  new TrackItError("ACCESS_NOT_FOUND", `${action}: file ${id} ${what}`);

function unreadable(
  action: string,
  id: string,
  problem: { cause: string; next: string } | null,
): TrackItError {
  return new TrackItError("CRYPTO_OPEN_FAILED", `${action}: file ${id} does not open: ${problem?.cause}`, {
    hint: problem?.next,
  });
}
