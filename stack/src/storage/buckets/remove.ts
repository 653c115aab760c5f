import { noSuchBucket, StorageError, wrongRole } from "../errors.ts";
import { type Call, type Handler, json } from "../http/call.ts";
import { findBucket } from "./read.ts";

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

/** POST /bucket/ID/empty: for the secret key alone, as on hosted, whose words it answers with; here it is done by then. */
export const emptyBucket: Handler = async (call) => {
  if (call.caller.role !== "service_role") throw wrongRole();
  await findBucket(call.services, call.bucket);
  while ((await emptySome(call)) === batchSize);
  return json({ message: "Empty bucket has been queued. Completion may take up to an hour." });
};

async function emptySome({ services, caller, operation, bucket }: Call): Promise<number> {
  const gone = await services.database.as(caller, operation, (tx) =>
    tx.rows<{ version: string | null }>(
      `delete from storage.objects
       where id in (select id from storage.objects where bucket_id = $1 order by name limit $2) returning version`,
      [bucket, batchSize],
    ),
  );
  await services.versions.remove(gone.map(({ version }) => version));
  return gone.length;
}
