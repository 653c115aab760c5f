import { invalidRequest } from "../errors.ts";
import type { Call, Handler } from "../http/call.ts";
import { findObject } from "../objects/find.ts";
import { serve } from "../objects/serve.ts";
import type { Use } from "./token.ts";

/** GET /object/sign/BUCKET/NAME?token=…: whoever has the URL. */
export const getSigned: Handler = async (call) => {
  const { services, operation, bucket, name } = call;
  const { expires } = await verifyQuery(call, "download");
  await serve(call, () => findObject(services, null, operation, bucket, name), { expires });
  return null;
};

/** The token in the query, verified for the path. */
export function verifyQuery({ services, query, bucket, name }: Call, use: Use) {
  const token = query.get("token");
  if (!token) throw invalidRequest("querystring must have required property 'token'");
  return services.signer.verify(use, `${bucket}/${name}`, token);
}
