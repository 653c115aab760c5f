import { held, thumbnailOf } from "./attachment.ts";
import type { Desk } from "./desk.ts";
import { isPinned, openInfo } from "./infos.ts";
import type { FileVersion, StoredFile } from "./types.ts";
import type { FileRow, VersionRow } from "./wire.ts";

/** A row as an app sees it, with what this device can open of it. */
export async function toFile(desk: Desk, row: FileRow, action: string): Promise<StoredFile> {
  const encrypted = row.encrypted || (await isPinned(desk, row.id, action));
  const isSealed = encrypted && row.content_version !== null;
  const { info, problem } = isSealed ? await openInfo(desk, row, action) : { info: null, problem: null };
  const file: StoredFile = {
    id: row.id,
    ownerId: row.owner_id,
    folderId: row.folder_id,
    roomId: row.room_id,
    state: row.state,
    encrypted,
    // What a server says beside a seal that does not open is nobody's word.
    name: encrypted ? (info?.name ?? null) : row.name,
    type: encrypted ? (info?.type ?? "") : (row.media_type ?? ""),
    size: encrypted ? (info?.size ?? null) : row.size,
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
