import { type ObjectRow, objectColumns } from "../database/rows.ts";
import { noSuchKey } from "../errors.ts";
import { type Call, type Handler, json, readJson } from "../http/call.ts";
import { wantTexts } from "../http/params.ts";
import { checkName } from "../names.ts";

/** Names of one request, as on hosted. */
const mostNames = 1000;

/** DELETE /object/BUCKET {prefixes}: those that the caller may see and delete; answers with what is gone. */
export const deleteObjects: Handler = async (call) => {
  const names = wantTexts(await readJson(call), "prefixes", mostNames);
  return json(await remove(call, names));
};

/** DELETE /object/BUCKET/NAME */
export const deleteObject: Handler = async (call) => {
  checkName(call.name);
  const gone = await remove(call, [call.name]);
  if (gone.length === 0) throw noSuchKey();
  return json({ message: "Successfully deleted" });
};

// The rows first: bytes without a row are swept, a row without bytes would be a file that cannot be read.
async function remove({ services, caller, operation, bucket }: Call, names: string[]): Promise<ObjectRow[]> {
  const gone = await services.database.as(caller, operation, (tx) =>
    tx.rows<ObjectRow>(
      `delete from storage.objects where bucket_id = $1 and name = any($2) returning ${objectColumns}`,
      [bucket, names],
    ),
  );
  await services.versions.remove(gone.map(({ version }) => version));
  return gone;
}
