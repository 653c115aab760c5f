import { findBucket } from "../buckets/read.ts";
import { service } from "../database/database.ts";
import { type Handler, json, ownerOf, readJson } from "../http/call.ts";
import { checkName } from "../names.ts";
import { tryRow } from "../objects/row.ts";
import { storeUpload } from "../objects/store.ts";
import { verifyQuery } from "./get.ts";

/** As on hosted. */
const uploadSeconds = 2 * 60 * 60;

/** POST /object/upload/sign/BUCKET/NAME, `x-upsert`: whoever may upload something may let somebody else do it. */
export const signUploadUrl: Handler = async (call) => {
  await readJson(call);
  const { services, caller, operation, bucket, name, req } = call;
  checkName(name);
  await findBucket(services, bucket);
  const upsert = req.headers["x-upsert"] === "true";
  const owner = ownerOf(caller);
  await tryRow(
    services,
    { bucket, name, version: "1", owner, metadata: {}, userMetadata: null },
    { who: caller, operation, upsert },
  );
  const token = await services.signer.sign("upload", `${bucket}/${name}`, uploadSeconds, { owner, upsert });
  return json({ url: `/object/upload/sign/${bucket}/${name}?token=${token}`, token });
};

/** PUT /object/upload/sign/BUCKET/NAME?token=…: with the rights that were checked when it was signed. */
export const uploadSigned: Handler = async (call) => {
  checkName(call.name);
  const { claims } = await verifyQuery(call, "upload");
  const owner = typeof claims.owner === "string" ? claims.owner : null;
  await storeUpload(call, { who: service, owner, upsert: claims.upsert === true });
  return json({ Key: `${call.bucket}/${call.name}` });
};
