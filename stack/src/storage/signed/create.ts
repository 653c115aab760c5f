import { invalidRequest } from "../errors.ts";
import { type Call, type Handler, json, readJson } from "../http/call.ts";
import { optionalCount, optionalObject, optionalText, wantTexts } from "../http/params.ts";
import { readTransform } from "../images/options.ts";
import { checkName } from "../names.ts";
import { findObject } from "../objects/find.ts";

/** Names of one request. */
const mostNames = 1000;

/** The last second of the year 9999: what comes later is no date in a header. */
const lastSecond = 253_402_300_799;

function readSeconds(body: Record<string, unknown>): number {
  const seconds = optionalCount(body, "expiresIn", 1, Number.MAX_SAFE_INTEGER);
  if (seconds === undefined) throw invalidRequest("body must have required property 'expiresIn'");
  const most = lastSecond - Math.ceil(Date.now() / 1000);
  if (seconds > most) throw invalidRequest(`body/expiresIn must be <= ${most}`);
  return seconds;
}

/** POST /object/sign/BUCKET/NAME {expiresIn, transform, versionId}: whoever may read an object may hand that on. */
export const signUrl: Handler = async (call) => {
  const body = await readJson(call);
  const seconds = readSeconds(body);
  const transform = optionalObject(body, "transform");
  const version = optionalText(body, "versionId");
  const { services, caller, operation, bucket, name } = call;
  await findObject(services, caller, operation, { bucket, name, version: version ?? null });
  const path = `${bucket}/${name}`;
  const claims = version === undefined ? {} : { version };
  if (!transform || Object.keys(transform).length === 0)
    return json({ signedURL: await urlFor(call, path, seconds, claims) });
  const transformations = readTransform((key) => textOf(transform[key]));
  const token = await services.signer.sign("image", path, seconds, { ...claims, transformations });
  return json({ signedURL: `/render/image/sign/${path}?token=${token}` });
};

const textOf = (value: unknown) => (value === undefined || value === null ? null : String(value));

async function urlFor({ services }: Call, path: string, seconds: number, claims = {}): Promise<string> {
  return `/object/sign/${path}?token=${await services.signer.sign("download", path, seconds, claims)}`;
}

/** POST /object/sign/BUCKET {expiresIn, paths}: one answer for each path, in their order. */
export const signUrls: Handler = async (call) => {
  const body = await readJson(call);
  const seconds = readSeconds(body);
  const paths = wantTexts(body, "paths", mostNames);
  const { services, caller, operation, bucket } = call;
  const rows = await services.database.as(caller, operation, (tx) =>
    tx.rows<{ name: string }>("select name from storage.objects where bucket_id = $1 and name = any($2)", [
      bucket,
      paths.filter(isName),
    ]),
  );
  const seen = new Set(rows.map(({ name }) => name));
  const answers = paths.map(async (path) =>
    seen.has(path)
      ? { error: null, path, signedURL: await urlFor(call, `${bucket}/${path}`, seconds) }
      : { error: "Either the object does not exist or you do not have access to it", path, signedURL: null },
  );
  return json(await Promise.all(answers));
};

function isName(path: string): boolean {
  try {
    checkName(path);
    return true;
  } catch {
    return false;
  }
}
