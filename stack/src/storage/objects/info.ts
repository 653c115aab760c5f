import type { ObjectRow } from "../database/rows.ts";
import { type Call, type Handler, json } from "../http/call.ts";
import { findAuthenticated, findPublic } from "./find.ts";

/** GET /object/info/public/BUCKET/NAME?versionId */
export const infoPublic: Handler = async (call) => describe(call, await findPublic(call));

/** GET /object/info/authenticated/BUCKET/NAME?versionId, and without "authenticated" */
export const infoAuthenticated: Handler = async (call) => describe(call, await findAuthenticated(call));

function describe({ res }: Call, row: ObjectRow) {
  const { metadata } = row;
  if (metadata?.eTag) res.setHeader("etag", metadata.eTag);
  res.setHeader("cache-control", "no-cache");
  return json({
    id: row.id,
    name: row.name,
    version: row.version,
    bucket_id: row.bucket_id,
    size: metadata?.size ?? null,
    content_type: metadata?.mimetype ?? null,
    cache_control: metadata?.cacheControl ?? null,
    content_encoding: metadata?.contentEncoding ?? null,
    etag: metadata?.eTag ?? null,
    metadata: row.user_metadata,
    last_modified: row.updated_at,
    created_at: row.created_at,
  });
}
