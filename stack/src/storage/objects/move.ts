import { noSuchKey } from "../errors.ts";
import { type Handler, json, ownerOf, readJson } from "../http/call.ts";
import { optionalText, wantText } from "../http/params.ts";
import { checkBucketName, checkName } from "../names.ts";
import { findObject } from "./find.ts";

/** POST /object/move {bucketId, sourceKey, sourceVersionId, destinationKey, destinationBucket}: the bytes stay. */
export const moveObject: Handler = async (call) => {
  const body = await readJson(call);
  const bucket = wantText(body, "bucketId");
  const from = wantText(body, "sourceKey");
  const to = wantText(body, "destinationKey");
  const target = optionalText(body, "destinationBucket") || bucket;
  checkBucketName(bucket);
  checkBucketName(target);
  checkName(from);
  checkName(to);
  const { services, caller, operation } = call;
  const { id, version } = await findObject(services, caller, operation, {
    bucket,
    name: from,
    version: optionalText(body, "sourceVersionId") ?? null,
  });
  const owner = ownerOf(caller);
  const moved = await services.database.as(caller, operation, (tx) =>
    tx.rows<{ id: string }>(
      `update storage.objects set bucket_id = $2, name = $3, owner = coalesce($4::uuid, owner),
         owner_id = coalesce($4::text, owner_id)
       where id = $1 and bucket_id = $5 and name = $6 and version is not distinct from $7 returning id`,
      [id, target, to, owner, bucket, from, version],
    ),
  );
  if (moved.length === 0) throw noSuchKey();
  return json({
    message: "Successfully moved",
    Id: id,
    Key: `${target}/${to}`,
    id,
    name: to,
    bucket_id: target,
    version,
  });
};
