import type pg from "pg";
import type { Services } from "../services.ts";
import { requireRoom } from "./room.ts";

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
  /** Bytes that it may have on the disk: its size, or as long as nobody has said that, what was sent. */
  taken: number;
  created_at: Date;
}

const columns = `version, bucket_id as bucket, key as name, owner_id as owner, (metadata ->> 'upsert')::boolean as upsert,
  (metadata ->> 'size')::float8 as size, metadata -> 'given' as given, in_progress_size::float8 as taken, created_at`;

export async function readUpload({ database }: Services, version: string): Promise<UploadRow | null> {
  const sql = `select ${columns} from storage.s3_multipart_uploads where id = $1`;
  const rows = await database.rows<UploadRow>(sql, [version]);
  return rows[0] ?? null;
}

/**
 * @param isBound Its owner has so much room for uploads and no more.
 * @throws StorageError SlowDown
 */
export async function beginUpload(
  services: Services,
  upload: Omit<UploadRow, "created_at">,
  isBound: boolean,
): Promise<void> {
  const { version, bucket, name, owner, upsert, size, given, taken } = upload;
  await services.database.as(null, "storage.tus.upload.create", async (tx) => {
    if (isBound) await requireRoom(tx, services, { version, owner }, taken);
    await tx.rows(
      `insert into storage.s3_multipart_uploads
         (id, version, bucket_id, key, owner_id, upload_signature, metadata, in_progress_size)
       values ($1, $1, $2, $3, $4, 'tus', $5, $6)`,
      [version, bucket, name, owner, JSON.stringify({ upsert, size, given }), taken],
    );
  });
}

/** Notes a length that was said later. */
export async function saveSize({ database }: Services, version: string, size: number | null): Promise<void> {
  await database.rows(
    "update storage.s3_multipart_uploads set metadata = metadata || jsonb_build_object('size', $2::bigint) where id = $1",
    [version, size],
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
