import type { Connection } from "../connect.ts";
import { clocks } from "../live/clocks.ts";
import { within } from "../retry/within.ts";
import { call } from "../transport/rest.ts";

/** A file as the database gives it. */
export interface FileRow {
  id: string;
  owner_id: string;
  folder_id: string | null;
  room_id: string | null;
  attachment: boolean;
  state: "reserved" | "ready";
  encrypted: boolean;
  name: string | null;
  media_type: string | null;
  sealed: string | null;
  size: number;
  hash: string | null;
  content_version: number | null;
  created_at: string;
  updated_at: string;
  uploaded_at: string | null;
  deleted_at: string | null;
  version: number;
}

export interface UploadRow {
  id: string;
  file_id: string;
  number: number;
  bucket: string;
  path: string;
  size: number;
  state: "reserved" | "ready";
  expires_at: string;
  created_at: string;
}

export interface VersionRow {
  number: number;
  size: number;
  hash: string | null;
  sealed: string | null;
  state: "reserved" | "ready";
  upload_id: string;
  created_at: string;
  completed_at: string | null;
}

export interface FolderRow {
  id: string;
  owner_id: string;
  parent_id: string | null;
  depth: number;
  name: string | null;
  sealed: string | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
  version: number;
}

export interface Reserved {
  file: FileRow;
  upload: UploadRow;
}

/** Calls a function of the database. */
export function ask<Answer>(
  { client }: Connection,
  name: string,
  args: Record<string, unknown>,
  action: string,
  signal?: AbortSignal,
): Promise<Answer> {
  const once = (given: AbortSignal): Promise<unknown> => call(client, name as never, args, action, given);
  return within(clocks.answer, action, once, signal) as Promise<Answer>;
}
