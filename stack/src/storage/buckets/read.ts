import type { Caller } from "../../part.ts";
import type { Transaction } from "../database/database.ts";
import { type BucketRow, bucketColumns } from "../database/rows.ts";
import { invalidRequest, noSuchBucket } from "../errors.ts";
import { type Handler, json } from "../http/call.ts";
import type { Services } from "../services.ts";

/** Every bucket, whatever the caller may see: for what the server itself must know of it. */
export async function findBucket(services: Services, id: string): Promise<BucketRow> {
  const rows = await bucketRows(services.database, id);
  if (!rows[0]) throw noSuchBucket();
  return rows[0];
}

/** @throws StorageError NoSuchBucket when the caller may not see it either */
export async function seeBucket(services: Services, caller: Caller, operation: string, id: string) {
  const rows = await services.database.as(caller, operation, (tx) => bucketRows(tx, id));
  if (!rows[0]) throw noSuchBucket();
  return rows[0];
}

const bucketRows = (tx: Pick<Transaction, "rows">, id: string) =>
  tx.rows<BucketRow>(`select ${bucketColumns} from storage.buckets where id = $1`, [id]);

/** GET /bucket/ID */
export const getBucket: Handler = async ({ services, caller, operation, bucket }) => {
  // As on hosted, the list alone tells what kind of bucket it is.
  const { type: _type, ...row } = await seeBucket(services, caller, operation, bucket);
  return json(row);
};

const sortColumns = ["id", "name", "created_at", "updated_at"];

/** GET /bucket?limit&offset&search&sortColumn&sortOrder */
export const listBuckets: Handler = async ({ services, caller, operation, query }) => {
  const column = query.get("sortColumn") ?? "name";
  const order = query.get("sortOrder") ?? "asc";
  if (!sortColumns.includes(column)) throw invalidRequest("querystring/sortColumn must be a known column");
  if (!["asc", "desc"].includes(order)) throw invalidRequest("querystring/sortOrder must be asc or desc");
  const rows = await services.database.as(caller, operation, (tx) =>
    tx.rows<BucketRow>(
      `select ${bucketColumns} from storage.buckets where strpos(lower(name), lower($1)) > 0 or $1 = ''
       order by ${column} ${order}, id limit $2 offset $3`,
      [query.get("search") ?? "", count(query, "limit", 1), count(query, "offset", 0) ?? 0],
    ),
  );
  return json(rows);
};

function count(query: URLSearchParams, key: string, least: number): number | null {
  const text = query.get(key);
  if (text === null || text === "undefined") return null;
  if (!/^\d{1,9}$/.test(text)) throw invalidRequest(`querystring/${key} must be integer`);
  if (Number(text) < least) throw invalidRequest(`querystring/${key} must be >= ${least}`);
  return Number(text);
}
