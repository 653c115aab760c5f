import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { service, UnknownOutcomeError } from "../database/database.ts";
import { StorageError } from "../errors.ts";
import { checkName } from "../names.ts";
import { checkType, limitOf, metadataOf } from "../objects/facts.ts";
import { writeRow } from "../objects/row.ts";
import type { Services } from "../services.ts";
import type { BucketConfig } from "../settings.ts";
import { findBucket } from "./read.ts";

/** Types by the endings of file names; whatever else there is is bytes. */
const types: Record<string, string> = {
  avif: "image/avif",
  css: "text/css",
  gif: "image/gif",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  webp: "image/webp",
};

/**
 * Puts the files of each bucket's `objects_path` into it, where it has none of that name. What does not fit the
 * bucket is passed over, with a note in the log.
 * @param folder what the paths are seen from: `supabase/` of the project
 */
export async function seedObjects(
  services: Services,
  folder: string,
  buckets: Record<string, BucketConfig>,
): Promise<void> {
  for (const [bucket, { objects_path }] of Object.entries(buckets)) {
    if (!objects_path) continue;
    const root = path.resolve(folder, objects_path);
    for (const name of await filesBelow(root)) {
      await seedOne(services, bucket, path.join(root, name), name.replaceAll(path.sep, "/")).catch(
        (error) => {
          if (!(error instanceof StorageError)) throw error;
          services.log.warn("storage.seed", { bucket, reason: error.code });
        },
      );
    }
  }
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new Error(`cannot read the objects of a bucket: ${cause.message}`, { cause });
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

async function seedOne(services: Services, bucket: string, file: string, name: string): Promise<void> {
  checkName(name);
  const there = "select from storage.objects where bucket_id = $1 and name = $2";
  if ((await services.database.rows(there, [bucket, name])).length > 0) return;
  const row = await findBucket(services, bucket);
  const mimetype = types[path.extname(name).slice(1).toLowerCase()] ?? "application/octet-stream";
  checkType(mimetype, row, name);
  const draft = services.versions.draft();
  try {
    const received = await draft.write(createReadStream(file), limitOf(row, services.sizeLimit, name));
    const facts = {
      mimetype,
      cacheControl: "max-age=3600",
      contentEncoding: null,
      userMetadata: {},
      size: null,
    };
    const object = { bucket, name, version: draft.version, owner: null, userMetadata: {} };
    const options = { who: service, operation: "storage.object.upload", upsert: false };
    await writeRow(services, { ...object, metadata: metadataOf(facts, received) }, options);
    draft.keep();
  } catch (error) {
    if (error instanceof UnknownOutcomeError) draft.keep();
    else await draft.discard();
    throw error;
  }
}
