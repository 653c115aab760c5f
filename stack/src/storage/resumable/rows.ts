import type pg from "pg";
import type { Services } from "../services.ts";

/** A resumable upload under way, as storage.s3_multipart_uploads keeps it; its id is its version. */
export interface UploadRow extends pg.QueryResultRow {
  version: string;
  bucket: string;
  name: string;
  owner: string | null;
  upsert: boolean;
  /** Bytes of the whole; null as long as nobody has said. */
  size: number | null;
  /** What the client has sent with the first request. */
  given: Record<string, string | null>;
  created_at: Date;
}

const columns = `version, bucket_id as bucket, key as name, owner_id as owner, (metadata ->> 'upsert')::boolean as upsert,
  (metadata ->> 'size')::float8 as size, metadata -> 'given' as given, created_at`;

export async function readUpload({ database }: Services, version: string): Promise<UploadRow | null> {
  const sql = `select ${columns} from storage.s3_multipart_uploads where id = $1`;
  const rows = await database.rows<UploadRow>(sql, [version]);
  return rows[0] ?? null;
}

export async function saveUpload(
  { database }: Services,
  upload: Omit<UploadRow, "created_at">,
): Promise<void> {
  const { version, bucket, name, owner, upsert, size, given } = upload;
  await database.rows(
    `insert into storage.s3_multipart_uploads (id, version, bucket_id, key, owner_id, upload_signature, metadata)
       values ($1, $1, $2, $3, $4, 'tus', $5) on conflict (id) do update set metadata = excluded.metadata`,
    [version, bucket, name, owner, JSON.stringify({ upsert, size, given })],
  );
}

export async function dropUpload({ database }: Services, version: string): Promise<void> {
  await database.as(null, "storage.tus.upload.delete", (tx) =>
    tx.rows("delete from storage.s3_multipart_uploads where id = $1", [version]),
  );
}

/** What a version has become. */
export interface Finished extends pg.QueryResultRow {
  bucket: string;
  name: string;
  owner: string | null;
  /** Bytes. */
  size: number;
}

/** The object that a version has become; null: none, or not yet. */
export async function finishedAs({ database }: Services, version: string): Promise<Finished | null> {
  const rows = await database.rows<Finished>(
    `select bucket_id as bucket, name, owner_id as owner, (metadata ->> 'size')::float8 as size
     from storage.objects where version = $1`,
    [version],
  );
  return rows[0] ?? null;
}
