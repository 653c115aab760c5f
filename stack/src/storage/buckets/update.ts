import { invalidRequest, noSuchBucket } from "../errors.ts";
import { type Handler, json, readJson } from "../http/call.ts";
import { readBucketValues } from "./values.ts";

/** PUT /bucket/ID: what the body does not name stays. */
export const updateBucket: Handler = async (call) => {
  const body = await readJson(call);
  if (Object.keys(body).length === 0) throw invalidRequest("body must NOT have fewer than 1 properties");
  const { public: open, sizeLimit, types } = readBucketValues(body, call.services.sizeLimit);
  const rows = await call.services.database.as(call.caller, call.operation, (tx) =>
    tx.rows(
      `update storage.buckets set
         public = coalesce($2, public),
         file_size_limit = case when $3 then $4 else file_size_limit end,
         allowed_mime_types = case when $5 then $6 else allowed_mime_types end,
         updated_at = now()
       where id = $1 returning id`,
      [
        call.bucket,
        open ?? null,
        sizeLimit !== undefined,
        sizeLimit ?? null,
        types !== undefined,
        types ?? null,
      ],
    ),
  );
  if (rows.length === 0) throw noSuchBucket();
  return json({ message: "Successfully updated" });
};
