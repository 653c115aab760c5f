import type pg from "pg";

/** A row of storage.buckets, as far as it is read. */
export interface BucketRow extends pg.QueryResultRow {
  id: string;
  name: string;
  owner: string | null;
  public: boolean;
  /** Bytes. */
  file_size_limit: number | null;
  allowed_mime_types: string[] | null;
  created_at: Date;
  updated_at: Date;
}

/** Casts keep a bigint a number: limits fit. */
export const bucketColumns = `id, name, coalesce(owner_id, owner::text, '') as owner, coalesce(public, false) as public,
  file_size_limit::float8 as file_size_limit, allowed_mime_types, created_at, updated_at, type::text as type`;

/** What the server knows of an object's bytes; the names are hosted's. */
export interface ObjectMetadata {
  eTag: string;
  size: number;
  mimetype: string;
  cacheControl: string;
  /** ISO. */
  lastModified: string;
  contentLength: number;
  httpStatusCode: number;
  /** Only where the client has sent the bytes encoded. */
  contentEncoding?: string;
  /** Only where the client has said something of it. */
  xRobotsTag?: string;
}

/** A row of storage.objects. */
export interface ObjectRow extends pg.QueryResultRow {
  id: string;
  bucket_id: string;
  name: string;
  owner: string | null;
  owner_id: string | null;
  version: string | null;
  metadata: ObjectMetadata | null;
  user_metadata: Record<string, unknown> | null;
  created_at: Date;
  updated_at: Date;
  last_accessed_at: Date;
}

export const objectColumns = `id, bucket_id, name, owner, owner_id, version, metadata, user_metadata, created_at,
  updated_at, last_accessed_at`;
