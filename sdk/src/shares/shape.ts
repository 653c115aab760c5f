import { fromUuid } from "../chat/ids.ts";
import { fromBase64url, toBase64url } from "../crypto/bytes/index.ts";
import { isTrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import type { Desk } from "../files/desk.ts";
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

const NAME = "share";

/** The whole link, for its owner's other devices and days to come. */
export async function sealLink(
  desk: Desk,
  id: Uint8Array<ArrayBuffer>,
  link: string,
  action: string,
): Promise<string> {
  const vault = await desk.vaultFor(action);
  return toBase64url(await vault.seal(id, 1, { kind: "setting", name: NAME, value: link }));
}

async function linkIn(desk: Desk, { id, sealed }: ShareRow, action: string): Promise<string | null> {
  if (!sealed) return null;
  try {
    const item = await (await desk.vault(action))?.unseal(fromBase64url(sealed), { isKnown: true });
    if (item?.payload.kind !== "setting" || item.payload.name !== NAME) return null;
    return toBase64url(item.item) === toBase64url(fromUuid(id)) ? String(item.payload.value) : null;
  } catch (error) {
    if (isTrackItError(error, "CRYPTO_OPEN_FAILED") || isTrackItError(error, "CRYPTO_DEVICE")) return null;
    throw error;
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
    link: await linkIn(desk, row, action),
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
