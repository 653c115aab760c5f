import { createBucket } from "../buckets/create.ts";
import { getBucket, listBuckets } from "../buckets/read.ts";
import { deleteBucket, emptyBucket } from "../buckets/remove.ts";
import { updateBucket } from "../buckets/update.ts";
import { renderAuthenticated, renderPublic, renderSigned } from "../images/routes.ts";
import { copyObject } from "../objects/copy.ts";
import { getAuthenticated, getPublic } from "../objects/get.ts";
import { infoAuthenticated, infoPublic } from "../objects/info.ts";
import { listObjects } from "../objects/list.ts";
import { listObjectsV2 } from "../objects/list-v2.ts";
import { moveObject } from "../objects/move.ts";
import { deleteObject, deleteObjects } from "../objects/remove.ts";
import { replaceObject, uploadObject } from "../objects/upload.ts";
import { resumableUpload } from "../resumable/route.ts";
import { signUrl, signUrls } from "../signed/create.ts";
import { getSigned } from "../signed/get.ts";
import { signUploadUrl, uploadSigned } from "../signed/upload.ts";
import { health, lifecycle, purgeCache } from "./misc.ts";
import { open, route } from "./router.ts";

const resumableVerbs = {
  POST: "tus.upload.create",
  GET: "tus.upload.get",
  PATCH: "tus.upload.part",
  DELETE: "tus.upload.delete",
};

/** Everything below /storage/v1, the more particular first: a bucket may be called "public". */
export const routes = [
  route("GET", "/bucket", "bucket.list", listBuckets),
  route("POST", "/bucket", "bucket.create", createBucket),
  route("GET", "/bucket/:bucket", "bucket.get", getBucket),
  route("PUT", "/bucket/:bucket", "bucket.update", updateBucket),
  route("DELETE", "/bucket/:bucket", "bucket.delete", deleteBucket),
  route("POST", "/bucket/:bucket/empty", "bucket.empty", emptyBucket),
  route("GET", "/bucket/:bucket/lifecycle", "bucket.lifecycle.get", lifecycle),
  route("PUT", "/bucket/:bucket/lifecycle", "bucket.lifecycle.put", lifecycle),
  route("DELETE", "/bucket/:bucket/lifecycle", "bucket.lifecycle.delete", lifecycle),

  open(route("GET", "/object/public/:bucket/*", "object.get_public", getPublic)),
  route("GET", "/object/authenticated/:bucket/*", "object.get_authenticated", getAuthenticated),
  open(route("GET", "/object/info/public/:bucket/*", "object.info_public", infoPublic)),
  route("GET", "/object/info/authenticated/:bucket/*", "object.info", infoAuthenticated),
  open(route("GET", "/object/info/:bucket/*", "object.info", infoAuthenticated)),
  open(route("GET", "/object/sign/:bucket/*", "object.get_signed", getSigned)),
  open(route("GET", "/object/:bucket/*", "object.get_authenticated", getAuthenticated)),

  route("POST", "/object/move", "object.move", moveObject),
  route("POST", "/object/copy", "object.copy", copyObject),
  route("POST", "/object/list/:bucket", "object.list", listObjects),
  route("POST", "/object/list-v2/:bucket", "object.list_v2", listObjectsV2),
  route("POST", "/object/sign/:bucket", "object.sign_many", signUrls),
  route("POST", "/object/sign/:bucket/*", "object.sign", signUrl),
  route("POST", "/object/upload/sign/:bucket/*", "object.sign_upload_url", signUploadUrl),
  open(route("PUT", "/object/upload/sign/:bucket/*", "object.upload_signed", uploadSigned)),
  route("POST", "/object/:bucket/*", "object.upload", uploadObject),
  route("PUT", "/object/:bucket/*", "object.upload_update", replaceObject),
  route("DELETE", "/object/:bucket/*", "object.delete", deleteObject),
  route("DELETE", "/object/:bucket", "object.delete_many", deleteObjects),

  open(route("GET", "/render/image/public/:bucket/*", "render.image_public", renderPublic)),
  route("GET", "/render/image/authenticated/:bucket/*", "render.image_authenticated", renderAuthenticated),
  open(route("GET", "/render/image/sign/:bucket/*", "render.image_sign", renderSigned)),

  open(route("OPTIONS", "/upload/resumable", "tus.options", resumableUpload)),
  open(route("OPTIONS", "/upload/resumable/*", "tus.options", resumableUpload)),
  ...Object.entries(resumableVerbs).flatMap(([method, verb]) => [
    route(method, "/upload/resumable", verb, resumableUpload),
    open(route(method, "/upload/resumable/sign", `${verb}_signed`, resumableUpload)),
    open(route(method, "/upload/resumable/sign/*", `${verb}_signed`, resumableUpload)),
    route(method, "/upload/resumable/*", verb, resumableUpload),
  ]),

  route("DELETE", "/cdn/:bucket", "cdn.purge", purgeCache),
  route("DELETE", "/cdn/:bucket/*", "cdn.purge", purgeCache),
  open(route("GET", "/status", "status", health)),
  open(route("GET", "/health", "status", health)),
];
