import type { ObjectRow } from "../database/rows.ts";
import { type Handler, json } from "../http/call.ts";
import { findAuthenticated, findPublic } from "./find.ts";

/** GET /object/info/public/BUCKET/NAME */
export const infoPublic: Handler = async (call) => json(describe(await findPublic(call)));

/** GET /object/info/authenticated/BUCKET/NAME, and without "authenticated" */
export const infoAuthenticated: Handler = async (call) => json(describe(await findAuthenticated(call)));

const describe = (row: ObjectRow) => ({
  id: row.id,
  name: row.name,
  version: row.version,
  bucket_id: row.bucket_id,
  size: row.metadata?.size ?? null,
  content_type: row.metadata?.mimetype ?? null,
  cache_control: row.metadata?.cacheControl ?? null,
  content_encoding: row.metadata?.contentEncoding ?? null,
  etag: row.metadata?.eTag ?? null,
  metadata: row.user_metadata,
  last_modified: row.updated_at,
  created_at: row.created_at,
  updated_at: row.updated_at,
});
