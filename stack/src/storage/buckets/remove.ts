import { accessDenied, noSuchBucket, StorageError } from "../errors.ts";
import { type Call, type Handler, json } from "../http/call.ts";
import { seeBucket } from "./read.ts";

/** DELETE /bucket/ID: only an empty one; resumable uploads under way into it end. */
export const deleteBucket: Handler = async ({ services, caller, operation, bucket }) => {
  const given = await services.database.as(caller, operation, async (tx) => {
    await tx.become(null);
    const found = await tx.rows("select from storage.buckets where id = $1 for update", [bucket]);
    if (found.length === 0) throw noSuchBucket();
    const objects = await tx.rows("select from storage.objects where bucket_id = $1 limit 1", [bucket]);
    const uploads = await tx.rows<{ version: string }>(
      "delete from storage.s3_multipart_uploads where bucket_id = $1 returning version",
      [bucket],
    );
    await tx.become(caller);
    // Whoever may not see it is not told that it is full.
    const visible = await tx.rows("select from storage.buckets where id = $1", [bucket]);
    if (visible.length === 0) throw noSuchBucket();
    if (objects.length > 0)
      throw new StorageError("ResourceNotEmpty", 409, "The bucket you tried to delete is not empty");
    const gone = await tx.rows("delete from storage.buckets where id = $1 returning id", [bucket]);
    if (gone.length === 0) throw noSuchBucket();
    return uploads;
  });
  await services.versions.remove(given.map(({ version }) => version));
  return json({ message: "Successfully deleted" });
};

/** Rows that are removed in one transaction. */
const batchSize = 500;

/** POST /bucket/ID/empty: everything that the caller can see; what it may not delete is a refusal. */
export const emptyBucket: Handler = async (call) => {
  await seeBucket(call.services, call.caller, call.operation, call.bucket);
  while ((await emptySome(call)) === batchSize);
  return json({ message: "Successfully emptied" });
};

async function emptySome({ services, caller, operation, bucket }: Call): Promise<number> {
  const gone = await services.database.as(caller, operation, async (tx) => {
    const seen = await tx.rows<{ id: string; name: string }>(
      "select id, name from storage.objects where bucket_id = $1 order by name limit $2",
      [bucket, batchSize],
    );
    const deleted = await tx.rows<{ id: string; version: string | null }>(
      "delete from storage.objects where id = any($1) returning id, version",
      [seen.map(({ id }) => id)],
    );
    const ids = new Set(deleted.map(({ id }) => id));
    const left = seen.filter(({ id }) => !ids.has(id)).map(({ name }) => name);
    if (left.length > 0)
      throw accessDenied(
        `Cannot delete: ${left.slice(0, 20).join(" ,")}, you may have SELECT but not DELETE permissions`,
      );
    return deleted;
  });
  await services.versions.remove(gone.map(({ version }) => version));
  return gone.length;
}
