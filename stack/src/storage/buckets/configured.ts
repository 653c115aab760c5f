import type { Database } from "../database/database.ts";
import { checkBucketName } from "../names.ts";
import type { BucketConfig } from "../settings.ts";
import { parseBinarySize } from "../sizes.ts";

/** Makes the buckets of config.toml, and sets those that are there to what it says. */
export async function ensureBuckets(
  database: Database,
  buckets: Record<string, BucketConfig>,
): Promise<void> {
  const rows = Object.entries(buckets).map(([name, bucket]) => {
    checkBucketName(name);
    const types = bucket.allowed_mime_types ?? [];
    return {
      id: name,
      public: bucket.public ?? false,
      file_size_limit: bucket.file_size_limit ? parseBinarySize(bucket.file_size_limit) : null,
      allowed_mime_types: types.length > 0 ? types : null,
    };
  });
  await database.as(null, "storage.bucket.create", (tx) =>
    tx.rows(
      `insert into storage.buckets as b (id, name, public, file_size_limit, allowed_mime_types)
       select c.id, c.id, c.public, c.file_size_limit, c.allowed_mime_types
       from jsonb_to_recordset($1::jsonb)
         as c (id text, public boolean, file_size_limit bigint, allowed_mime_types text[])
       on conflict (id) do update set public = excluded.public, file_size_limit = excluded.file_size_limit,
         allowed_mime_types = excluded.allowed_mime_types, updated_at = now()
       where (b.public, b.file_size_limit, b.allowed_mime_types) is distinct from
         (excluded.public, excluded.file_size_limit, excluded.allowed_mime_types)`,
      [JSON.stringify(rows)],
    ),
  );
}
