import type { Handler } from "../http/call.ts";

/** /upload/resumable, and below: the tus protocol, version 1.0.0. @see https://tus.io/protocols/resumable-upload */
export const resumableUpload: Handler = async (call) => {
  await call.services.resumable.handle(call);
  return null;
};
