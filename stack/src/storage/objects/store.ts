import type { Caller } from "../../part.ts";
import { findBucket } from "../buckets/read.ts";
import { UnknownOutcomeError } from "../database/database.ts";
import type { Call } from "../http/call.ts";
import { checkName } from "../names.ts";
import { checkType, type Facts, limitOf, metadataOf } from "./facts.ts";
import { receiveUpload } from "./receive.ts";
import { type NewObject, tryRow, writeRow } from "./row.ts";

export interface StoreOptions {
  /** With whose rights the row is written. */
  who: Caller;
  /** The user that it is to belong to. */
  owner: string | null;
  upsert: boolean;
}

/**
 * Takes an upload in: its bytes as a version of their own, all the way to disk; then the row that names it; then the
 * version that this replaces goes. Whoever may not write the row learns it before the bytes are taken.
 * @returns the object's id
 */
export async function storeUpload(call: Call, { who, owner, upsert }: StoreOptions): Promise<string> {
  const { services, req, bucket: bucketId, name, operation } = call;
  checkName(name);
  const bucket = await findBucket(services, bucketId);
  const draft = services.versions.draft();
  const objectOf = (facts: Facts): NewObject => ({
    bucket: bucketId,
    name,
    version: draft.version,
    owner,
    metadata: metadataOf(facts),
    userMetadata: facts.userMetadata,
  });
  const options = { who, operation, upsert };
  const admit = async (facts: Facts) => {
    checkType(facts.mimetype, bucket, name);
    await tryRow(services, objectOf(facts), options);
  };
  try {
    const limit = limitOf(bucket, services.sizeLimit, name);
    const { facts, received } = await receiveUpload(req, { draft, limit, admit });
    const object = { ...objectOf(facts), metadata: metadataOf(facts, received) };
    const { id, replaced } = await writeRow(services, object, options);
    draft.keep();
    await services.versions.remove([replaced]);
    return id;
  } catch (error) {
    // Where nobody knows whether the row is there, the sweep will.
    if (error instanceof UnknownOutcomeError) draft.keep();
    else await draft.discard();
    throw error;
  }
}
