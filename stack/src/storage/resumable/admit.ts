import { stat } from "node:fs/promises";
import { findBucket } from "../buckets/read.ts";
import { invalidRequest, noSuchUpload, StorageError, tooLarge } from "../errors.ts";
import { ownerOf } from "../http/call.ts";
import { checkBucketName, checkName } from "../names.ts";
import { checkType, limitOf, metadataOf } from "../objects/facts.ts";
import { tryRow } from "../objects/row.ts";
import { factsOf, finishUpload } from "./finish.ts";
import { finishedAs, readUpload, type UploadRow } from "./rows.ts";
import { checkOwner, readGrant, type Session, writerOf } from "./session.ts";
import type { UploadTarget } from "./store.ts";
import { takeRoom } from "./take.ts";

type Given = Record<string, string | null>;

/** Where a new upload is to go, by what the client says. */
export async function readTarget(session: Session, given: Given | undefined): Promise<UploadTarget> {
  if (!given) throw invalidRequest("Metadata header is required");
  const { bucketName: bucket, objectName: name } = given;
  checkBucketName(bucket);
  checkName(name);
  const { call, signed } = session;
  if (signed) return { bucket, name, ...(await readGrant(session, bucket, name)) };
  return { bucket, name, owner: ownerOf(call.caller), upsert: call.req.headers["x-upsert"] === "true" };
}

/** @param size in bytes; null: not known yet */
export async function admitNew(
  session: Session,
  version: string,
  given: Given,
  size: number | null,
): Promise<void> {
  const { services } = session.call;
  const { target } = session;
  if (!target) throw noSuchUpload();
  const bucket = await findBucket(services, target.bucket);
  if ((size ?? 0) > limitOf(bucket, services.sizeLimit, target.name)) throw tooLarge();
  checkType(factsOf(given, size).mimetype, bucket, target.name);
  await tryTarget(session, version, target, given, size);
}

/** A part, a question or an end of an upload that was begun before. */
export async function admitNext(session: Session, version: string, method: string): Promise<void> {
  const { services } = session.call;
  const row = await readUpload(services, version);
  if (!row) return admitFinished(session, version, method);
  session.target = row;
  await checkOwner(session, row);
  if (method === "PATCH") {
    await tryTarget(session, version, row, row.given, row.size);
    await takeRoom(session, row);
  }
  // Its last part arrived, and a crash came before its row: a client takes the offset for the end.
  if (method === "HEAD" && (await isComplete(session, row))) await finishUpload(session, version);
}

async function admitFinished(session: Session, version: string, method: string): Promise<void> {
  const finished = await finishedAs(session.call.services, version);
  if (!finished) throw noSuchUpload();
  await checkOwner(session, finished);
  if (method === "DELETE")
    throw new StorageError("InvalidRequest", 400, "Cannot terminate an already completed upload");
}

// Without knowing what the bytes are, policies can say no all the same: once more before each part.
function tryTarget(
  session: Session,
  version: string,
  target: UploadTarget,
  given: Given,
  size: number | null,
) {
  const facts = factsOf(given, size);
  const { bucket, name, owner, upsert } = target;
  const object = {
    bucket,
    name,
    version,
    owner,
    metadata: metadataOf(facts),
    userMetadata: facts.userMetadata,
  };
  const { services, operation } = session.call;
  return tryRow(services, object, { who: writerOf(session), operation, upsert });
}

async function isComplete({ call: { services } }: Session, row: UploadRow): Promise<boolean> {
  const file = await stat(services.versions.pathOf(row.version) ?? "").catch(() => null);
  return file !== null && file.size === row.size;
}
