import { type ObjectRow, objectColumns } from "../database/rows.ts";
import { invalidRequest, noSuchKey } from "../errors.ts";
import { type Call, type Handler, json, readJson } from "../http/call.ts";
import { wantItems, wantText } from "../http/params.ts";
import { checkName } from "../names.ts";

/** Names of one request, as on hosted. */
const mostNames = 1000;

interface Wanted {
  name: string;
  /** Null: whichever is there. */
  version: string | null;
}

/** DELETE /object/BUCKET {prefixes}: those that the caller may see and delete; answers with what is gone. */
export const deleteObjects: Handler = async (call) => {
  const wanted = wantItems(await readJson(call), "prefixes", mostNames).map(readWanted);
  return json(await remove(call, wanted));
};

/** A name, or `{path, versionId}`. */
function readWanted(item: unknown): Wanted {
  if (typeof item === "string") return { name: item, version: null };
  if (typeof item !== "object" || item === null || Array.isArray(item))
    throw invalidRequest("body/prefixes must be array of strings, or of objects with path and versionId");
  const entry = item as Record<string, unknown>;
  return { name: wantText(entry, "path"), version: wantText(entry, "versionId") };
}

/** DELETE /object/BUCKET/NAME?versionId */
export const deleteObject: Handler = async (call) => {
  checkName(call.name);
  const gone = await remove(call, [{ name: call.name, version: call.query.get("versionId") }]);
  if (gone.length === 0) throw noSuchKey();
  return json({ message: "Successfully deleted" });
};

// The rows first: bytes without a row are swept, a row without bytes would be a file that cannot be read.
async function remove({ services, caller, operation, bucket }: Call, wanted: Wanted[]): Promise<ObjectRow[]> {
  const gone = await services.database.as(caller, operation, (tx) =>
    tx.rows<ObjectRow>(
      `delete from storage.objects using unnest($2::text[], $3::text[]) as wanted (wanted_name, wanted_version)
       where bucket_id = $1 and name = wanted_name and (wanted_version is null or version = wanted_version)
       returning ${objectColumns}`,
      [bucket, wanted.map(({ name }) => name), wanted.map(({ version }) => version)],
    ),
  );
  await services.versions.remove(gone.map(({ version }) => version));
  return gone;
}
