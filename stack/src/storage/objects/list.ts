import type { ObjectRow } from "../database/rows.ts";
import { type Handler, json, readJson } from "../http/call.ts";
import { optionalCount, optionalText, sortBy } from "../http/params.ts";
import { listFilter, rowOfName } from "./list-filter.ts";

const columns = ["name", "updated_at", "created_at", "last_accessed_at"];

/**
 * POST /object/list/BUCKET {prefix, exactMatch, search, limit, offset, sortBy, noncurrentVersions, deleteMarkers}: a
 * folder's files and folders.
 */
export const listObjects: Handler = async (call) => {
  const body = await readJson(call);
  const folder = optionalText(body, "prefix") ?? "";
  const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  const { column, order } = sortBy(body, columns);
  const limit = optionalCount(body, "limit", 1) ?? 100;
  const offset = optionalCount(body, "offset", 0) ?? 0;
  const search = optionalText(body, "search") ?? "";
  const filter = listFilter(body);
  if (filter.nothing || (filter.exact && offset > 0)) return json([]);
  if (filter.exact) return json((await rowOfName(call, folder + search)).map(listed));
  const rows = await call.services.database.as(call.caller, call.operation, (tx) =>
    tx.rows("select * from storage.search($1, $2, $3, $4, $5, $6, $7, $8)", [
      prefix,
      call.bucket,
      limit,
      prefix.split("/").length,
      offset,
      search,
      column,
      order,
    ]),
  );
  return json(rows);
};

const listed = ({ name, id, updated_at, created_at, last_accessed_at, metadata }: ObjectRow) => ({
  name: name.slice(name.lastIndexOf("/") + 1),
  id,
  updated_at,
  created_at,
  last_accessed_at,
  metadata,
});
