import { findBucket } from "../buckets/read.ts";
import { UnknownOutcomeError } from "../database/database.ts";
import type { ObjectMetadata, ObjectRow } from "../database/rows.ts";
import { noSuchKey } from "../errors.ts";
import { type Call, type Handler, json, ownerOf, readJson } from "../http/call.ts";
import { optionalObject, optionalText, optionalTruth, wantText } from "../http/params.ts";
import { checkBucketName, checkName } from "../names.ts";
import { checkType, readCacheControl, readEncoding, readUserMetadata } from "./facts.ts";
import { findObject } from "./find.ts";
import { tryRow, writeRow } from "./row.ts";

type Body = Record<string, unknown>;

/**
 * POST /object/copy {bucketId, sourceKey, sourceVersionId, destinationKey, destinationBucket, copyMetadata, metadata},
 * `x-upsert`, `x-metadata`.
 */
export const copyObject: Handler = async (call) => {
  const body = await readJson(call);
  const bucket = wantText(body, "bucketId");
  const from = wantText(body, "sourceKey");
  const to = wantText(body, "destinationKey");
  const target = optionalText(body, "destinationBucket") || bucket;
  checkBucketName(bucket);
  checkBucketName(target);
  checkName(from);
  checkName(to);
  const source = await findObject(call.services, call.caller, call.operation, {
    bucket,
    name: from,
    version: optionalText(body, "sourceVersionId") ?? null,
  });
  const metadata = await targetMetadata(call, body, source, { bucket: target, name: to });
  const id = await copyTo(call, source, { bucket: target, name: to, ...metadata });
  return json({
    Id: id,
    Key: `${target}/${to}`,
    id,
    name: to,
    bucket_id: target,
    metadata: metadata.metadata,
  });
};

interface Target {
  bucket: string;
  name: string;
  metadata: Partial<ObjectMetadata>;
  userMetadata: Record<string, unknown> | null;
}

async function targetMetadata(
  { services, req }: Call,
  body: Body,
  source: ObjectRow,
  target: { bucket: string; name: string },
) {
  const kept = { ...source.metadata, lastModified: new Date().toISOString() };
  if (optionalTruth(body, "copyMetadata") ?? true)
    return { metadata: kept, userMetadata: source.user_metadata };
  const given = optionalObject(body, "metadata") ?? {};
  const mimetype = optionalText(given, "mimetype");
  const cacheControl = optionalText(given, "cacheControl");
  const contentEncoding = readEncoding(optionalText(given, "contentEncoding"));
  if (mimetype) checkType(mimetype, await findBucket(services, target.bucket), target.name);
  const header = req.headers["x-metadata"];
  return {
    metadata: {
      ...kept,
      ...(mimetype ? { mimetype } : {}),
      ...(cacheControl ? { cacheControl: readCacheControl(cacheControl, /^\d+$/.test(cacheControl)) } : {}),
      ...(contentEncoding ? { contentEncoding } : {}),
    },
    userMetadata:
      typeof header === "string" ? readUserMetadata(Buffer.from(header, "base64").toString("utf8")) : null,
  };
}

async function copyTo(call: Call, source: ObjectRow, target: Target): Promise<string> {
  const { services, caller, operation, req } = call;
  const draft = services.versions.draft();
  const object = { ...target, version: draft.version, owner: ownerOf(caller) };
  const options = { who: caller, operation, upsert: req.headers["x-upsert"] === "true" };
  try {
    await tryRow(services, object, options);
    await draft.copyOf(source.version ?? "").catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? noSuchKey() : error;
    });
    const { id, replaced } = await writeRow(services, object, options);
    draft.keep();
    await services.versions.remove([replaced]);
    return id;
  } catch (error) {
    if (error instanceof UnknownOutcomeError) draft.keep();
    else await draft.discard();
    throw error;
  }
}
