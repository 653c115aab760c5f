import { type Handler, json, ownerOf, readJson } from "../http/call.ts";
import { optionalText, wantText } from "../http/params.ts";
import { checkBucketName } from "../names.ts";
import { readBucketValues } from "./values.ts";

/** POST /bucket: who may is for the policies on storage.buckets to say. */
export const createBucket: Handler = async (call) => {
  const body = await readJson(call);
  const name = wantText(body, "name");
  const id = optionalText(body, "id") ?? name;
  checkBucketName(name);
  checkBucketName(id);
  const values = readBucketValues(body, call.services.sizeLimit);
  const owner = ownerOf(call.caller);
  await call.services.database.as(call.caller, call.operation, (tx) =>
    tx.rows(
      `insert into storage.buckets (id, name, owner, owner_id, public, file_size_limit, allowed_mime_types)
       values ($1, $2, $3::uuid, $3::text, $4, $5, $6)`,
      [id, name, owner, values.public ?? false, values.sizeLimit ?? null, values.types ?? null],
    ),
  );
  return json({ name: id });
};
