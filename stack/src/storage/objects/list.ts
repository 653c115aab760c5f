import { type Handler, json, readJson } from "../http/call.ts";
import { optionalCount, optionalText, sortBy } from "../http/params.ts";

const columns = ["name", "updated_at", "created_at", "last_accessed_at"];

/** POST /object/list/BUCKET {prefix, search, limit, offset, sortBy}: a folder's files and folders. */
export const listObjects: Handler = async (call) => {
  const body = await readJson(call);
  const folder = optionalText(body, "prefix") ?? "";
  const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  const { column, order } = sortBy(body, columns);
  const rows = await call.services.database.as(call.caller, call.operation, (tx) =>
    tx.rows("select * from storage.search($1, $2, $3, $4, $5, $6, $7, $8)", [
      prefix,
      call.bucket,
      optionalCount(body, "limit", 1) ?? 100,
      prefix.split("/").length,
      optionalCount(body, "offset", 0) ?? 0,
      optionalText(body, "search") ?? "",
      column,
      order,
    ]),
  );
  return json(rows);
};
