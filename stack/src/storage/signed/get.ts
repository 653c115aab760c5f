import { invalidRequest } from "../errors.ts";
import type { Call, Handler } from "../http/call.ts";
import { findObject } from "../objects/find.ts";
import { serve } from "../objects/serve.ts";
import type { Grant, Use } from "./token.ts";

/** GET /object/sign/BUCKET/NAME?token=…: whoever has the URL. */
export const getSigned: Handler = async (call) => {
  const grant = await verifyQuery(call, "download");
  await serve(call, () => findGranted(call, grant), { expires: grant.expires });
  return null;
};

/** What a token opens: the version that it was made for, where it was made for one. */
export function findGranted({ services, operation, bucket, name }: Call, { claims }: Grant) {
  const version = typeof claims.version === "string" ? claims.version : null;
  return findObject(services, null, operation, { bucket, name, version });
}

/** The token in the query, verified for the path. */
export function verifyQuery({ services, query, bucket, name }: Call, use: Use): Promise<Grant> {
  const token = query.get("token");
  if (!token) throw invalidRequest("querystring must have required property 'token'");
  return services.signer.verify(use, `${bucket}/${name}`, token);
}
