import { toUuid } from "../chat/ids.ts";
import type { FileInfo } from "../crypto/file/index.ts";
import type { Desk } from "./desk.ts";
import { held, openInfo } from "./infos.ts";
import type { FileVersion, StoredFile } from "./types.ts";
import type { FileRow, VersionRow } from "./wire.ts";

/** A row as an app sees it, with what this device can open of it. */
export async function toFile(desk: Desk, row: FileRow, action: string): Promise<StoredFile> {
  const isSealed = row.encrypted && row.content_version !== null;
  const { info, problem } = isSealed ? await openInfo(desk, row, action) : { info: null, problem: null };
  const file: StoredFile = {
    id: row.id,
    ownerId: row.owner_id,
    folderId: row.folder_id,
    roomId: row.room_id,
    state: row.state,
    encrypted: row.encrypted,
    name: info?.name ?? row.name,
    type: info?.type ?? row.media_type ?? "",
    size: info?.size ?? (row.encrypted ? null : row.size),
    storedSize: row.size,
    thumbnail: info ? thumbnailOf(info) : null,
    contentVersion: row.content_version,
    problem,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    uploadedAt: row.uploaded_at,
    deletedAt: row.deleted_at,
    version: row.version,
  };
  if (info) held.set(file, { ownerId: row.owner_id, info });
  return file;
}

export const toVersion = (row: VersionRow): FileVersion => ({
  number: row.number,
  storedSize: row.size,
  state: row.state,
  createdAt: row.created_at,
  completedAt: row.completed_at,
});

/** What the sender says is a picture is shown as one: by its first bytes, and never as anything that could run. */
export function thumbnailOf({ thumbnail }: FileInfo): Blob | null {
  const type = TYPES.find(([, start]) =>
    start.every((byte, at) => byte === null || thumbnail[at] === byte),
  )?.[0];
  return type ? new Blob([thumbnail], { type }) : null;
}

const TYPES: readonly [string, readonly (number | null)[]][] = [
  ["image/webp", [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
];

/** A file of a message, for whoever received it. */
export function toAttachment(ownerId: string, info: FileInfo) {
  const { name, type, size } = info;
  const attachment = { fileId: toUuid(info.id), name, type, size, thumbnail: thumbnailOf(info) };
  held.set(attachment, { ownerId, info });
  return attachment;
}
