import { type Call, type Handler, json, ownerOf } from "../http/call.ts";
import { storeUpload } from "./store.ts";

/** POST /object/BUCKET/NAME: a conflict where there is one of that name, unless `x-upsert: true`. */
export const uploadObject: Handler = (call) => upload(call, call.req.headers["x-upsert"] === "true");

/** PUT /object/BUCKET/NAME: replaces what is there. */
export const replaceObject: Handler = (call) => upload(call, true);

async function upload(call: Call, upsert: boolean) {
  const id = await storeUpload(call, { who: call.caller, owner: ownerOf(call.caller), upsert });
  return json({ Id: id, Key: `${call.bucket}/${call.name}` });
}
