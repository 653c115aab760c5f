import type { ObjectRow } from "../database/rows.ts";
import { invalidRequest } from "../errors.ts";
import { type Handler, json, readJson } from "../http/call.ts";
import { optionalCount, optionalText, optionalTruth, type SortBy, sortBy } from "../http/params.ts";
import { listFilter, rowOfName } from "./list-filter.ts";

const columns = ["name", "updated_at", "created_at"];
const mostRows = 1000;

/**
 * POST /object/list-v2/BUCKET {prefix, exactMatch, cursor, limit, with_delimiter, sortBy, noncurrentVersions,
 * deleteMarkers}: pages behind a cursor.
 */
export const listObjectsV2: Handler = async (call) => {
  const body = await readJson(call);
  const sort = sortBy(body, columns);
  const limit = Math.min(optionalCount(body, "limit", 1) ?? mostRows, mostRows);
  const prefix = optionalText(body, "prefix") ?? "";
  const delimiter = optionalTruth(body, "with_delimiter") ? "/" : "";
  const after = readCursor(optionalText(body, "cursor"));
  const filter = listFilter(body);
  if (filter.nothing || (filter.exact && after.name !== "")) return json(page([], limit, prefix, sort));
  if (filter.exact) return json(page(await rowOfName(call, prefix), limit, prefix, sort));
  // One more than asked for tells whether there is more.
  const rows = await call.services.database.as(call.caller, call.operation, (tx) =>
    tx.rows<ObjectRow>("select * from storage.search_page($1, $2, $3, $4, $5, $6, $7, $8)", [
      call.bucket,
      prefix,
      delimiter,
      limit + 1,
      sort.column,
      sort.order === "desc",
      after.name,
      after.time,
    ]),
  );
  return json(page(rows, limit, prefix, sort));
};

function page(rows: ObjectRow[], limit: number, prefix: string, sort: SortBy) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasNext = rows.length > limit;
  // The last part of the prefix may be half a name.
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const keyOf = ({ name }: ObjectRow) => name.slice(folder.length);
  return {
    hasNext,
    ...(hasNext && last ? { nextCursor: writeCursor(last, sort) } : {}),
    folders: shown
      .filter(({ id }) => id === null)
      .map((row) => ({ key: keyOf(row).replace(/\/$/, ""), name: row.name })),
    objects: shown
      .filter(({ id }) => id !== null)
      .map((row) => ({
        key: keyOf(row),
        id: row.id,
        name: row.name,
        updated_at: row.updated_at,
        created_at: row.created_at,
        last_accessed_at: row.last_accessed_at,
        metadata: row.metadata,
        version: row.version,
        archived_at: null,
        is_delete_marker: false,
        is_versioned: false,
      })),
  };
}

interface Cursor {
  name: string;
  /** ISO, where the list is sorted by time. */
  time: string;
}

function writeCursor(row: ObjectRow, { column }: SortBy): string {
  const time = column === "name" ? "" : ((row[column] as Date | null) ?? new Date(0)).toISOString();
  return Buffer.from(JSON.stringify([row.name, time])).toString("base64url");
}

function readCursor(text: string | undefined): Cursor {
  if (!text) return { name: "", time: "" };
  try {
    const [name, time] = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as unknown[];
    if (
      typeof name === "string" &&
      typeof time === "string" &&
      (time === "" || !Number.isNaN(Date.parse(time)))
    )
      return { name, time };
  } catch {}
  throw invalidRequest("Invalid cursor");
}
