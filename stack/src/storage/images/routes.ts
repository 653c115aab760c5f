import type { ObjectRow } from "../database/rows.ts";
import type { Call, Handler } from "../http/call.ts";
import { findAuthenticated, findPublic } from "../objects/find.ts";
import { type ServeOptions, setHeaders } from "../objects/headers.ts";
import { openObject } from "../objects/serve.ts";
import { findGranted, verifyQuery } from "../signed/get.ts";
import { describeTransform, readTransform, type Transform } from "./options.ts";

/** GET /render/image/public/BUCKET/NAME?width&height&resize&quality&format */
export const renderPublic: Handler = (call) => render(call, () => findPublic(call), {}, transformOf(call));

/** GET /render/image/authenticated/BUCKET/NAME */
export const renderAuthenticated: Handler = (call) =>
  render(call, () => findAuthenticated(call), { personal: true }, transformOf(call));

/** GET /render/image/sign/BUCKET/NAME?token=…: as whoever signed it wanted it, and not otherwise. */
export const renderSigned: Handler = async (call) => {
  const grant = await verifyQuery(call, "image");
  const wanted = grant.claims.transformations as Record<string, string | number>;
  const transform = readTransform((key) => (wanted[key] === undefined ? null : String(wanted[key])));
  return render(call, () => findGranted(call, grant), { expires: grant.expires }, transform);
};

const transformOf = ({ query }: Call) => readTransform((key) => query.get(key));

async function render(
  call: Call,
  find: () => Promise<ObjectRow>,
  options: ServeOptions,
  transform: Transform,
): Promise<null> {
  const { services, req, res, query } = call;
  const { row, handle } = await openObject(services.versions, find);
  try {
    const { type, bytes } = await services.images.render(row, handle, transform, req.headers.accept ?? "");
    setHeaders(res, row, { ...options, type, download: query.get("download") });
    const done = describeTransform(transform);
    if (done) res.setHeader("x-transformations", done);
    res.removeHeader("accept-ranges");
    res.appendHeader("vary", "accept");
    res.writeHead(200, { "content-length": bytes.length });
    res.end(req.method === "HEAD" ? undefined : bytes);
  } finally {
    await handle.close();
  }
  return null;
}
