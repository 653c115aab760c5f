import { stat } from "node:fs/promises";
import { findBucket } from "../buckets/read.ts";
import { syncFile } from "../disk/durable.ts";
import { noSuchUpload, StorageError } from "../errors.ts";
import {
  checkType,
  type Facts,
  metadataOf,
  readCacheControl,
  readEncoding,
  readUserMetadata,
} from "../objects/facts.ts";
import { type NewObject, writeRow } from "../objects/row.ts";
import { finishedAs, readUpload, type UploadRow } from "./rows.ts";
import { type Session, writerOf } from "./session.ts";

/** What the client has said of its upload when it began it. */
export function factsOf(given: Record<string, string | null>, size: number | null): Facts {
  return {
    mimetype: given.contentType || given.filetype || "application/octet-stream",
    cacheControl: readCacheControl(given.cacheControl ?? undefined, /^\d+$/.test(given.cacheControl ?? "")),
    contentEncoding: readEncoding(given.contentEncoding ?? undefined),
    // Here nothing said is nothing kept, as on hosted; other uploads keep an empty object.
    userMetadata: given.metadata ? readUserMetadata(given.metadata) : null,
    size,
  };
}

/**
 * Makes an object of an upload whose bytes are all there, under the policies that hold now. Doing it twice is doing
 * it once: a client that was cut off before it heard of it asks again.
 */
export async function finishUpload(session: Session, version: string): Promise<void> {
  const { services, operation } = session.call;
  const row = await readUpload(services, version);
  if (!row) {
    if (await finishedAs(services, version)) return;
    throw noSuchUpload();
  }
  const object = await describe(session, row);
  const also = async (tx: { rows(sql: string, values: unknown[]): Promise<unknown[]> }) => {
    const ended = await tx.rows("delete from storage.s3_multipart_uploads where id = $1 returning id", [
      version,
    ]);
    if (ended.length === 0) throw noSuchUpload();
  };
  try {
    const options = { who: writerOf(session), operation, upsert: row.upsert, also };
    const { replaced } = await writeRow(services, object, options);
    if (replaced !== version) await services.versions.remove([replaced]);
  } catch (error) {
    // Two requests may finish it at once.
    const lost = error instanceof StorageError && ["KeyAlreadyExists", "NoSuchUpload"].includes(error.code);
    if (!lost || !(await finishedAs(services, version))) throw error;
  }
}

async function describe({ call: { services } }: Session, row: UploadRow): Promise<NewObject> {
  const { version, bucket, name, owner, given } = row;
  const file = services.versions.pathOf(version) ?? "";
  if (services.durable) await syncFile(file);
  const { size } = await stat(file);
  const facts = factsOf(given, size);
  checkType(facts.mimetype, await findBucket(services, bucket), name);
  // Hashing would read it all again; a version has one content only, as with uploads in parts on hosted.
  const md5 = `${version.replaceAll("-", "")}-1`;
  return {
    bucket,
    name,
    version,
    owner,
    metadata: metadataOf(facts, { size, md5 }),
    userMetadata: facts.userMetadata,
  };
}
