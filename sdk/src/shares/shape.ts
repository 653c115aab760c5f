import { invalid } from "../failure/invalid.ts";
import type { Desk } from "../files/desk.ts";
import { openText } from "../files/sealed-text.ts";
import type { Share, ShareEvent } from "./types.ts";

export interface ShareRow {
  id: string;
  file_id: string;
  content_version: number;
  password: boolean;
  expires_at: string | null;
  max_downloads: number | null;
  downloads: number;
  last_opened_at: string | null;
  revoked_at: string | null;
  sealed: string | null;
  created_at: string;
  updated_at: string;
  version: number;
}

export interface EventRow {
  id: string | number;
  kind: ShareEvent["kind"];
  file_id: string;
  share_id: string | null;
  actor_id: string | null;
  created_at: string;
}

/** Of the page that opens links. @throws USAGE_INVALID */
export function addressOf(page: string | URL | undefined, action: string): string {
  const here = typeof location === "undefined" ? undefined : location.href;
  try {
    const address = new URL(page ?? "/s", here);
    address.hash = "";
    return address.href;
  } catch {
    throw invalid(
      action,
      "page",
      page,
      "the address of the app's page for links, such as https://app.example/s",
    );
  }
}

export async function toShare(desk: Desk, row: ShareRow, action: string): Promise<Share> {
  return {
    id: row.id,
    fileId: row.file_id,
    contentVersion: row.content_version,
    password: row.password,
    expiresAt: row.expires_at,
    maxDownloads: row.max_downloads,
    downloads: row.downloads,
    lastOpenedAt: row.last_opened_at,
    revokedAt: row.revoked_at,
    link: row.sealed ? await openText(desk, "share", { id: row.id, sealed: row.sealed }, action) : null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

export const toEvent = (row: EventRow): ShareEvent => ({
  id: String(row.id),
  kind: row.kind,
  fileId: row.file_id,
  shareId: row.share_id,
  userId: row.actor_id,
  at: row.created_at,
});
