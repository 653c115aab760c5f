import type { Caller } from "../../part.ts";
import { findBucket } from "../buckets/read.ts";
import type { Transaction } from "../database/database.ts";
import { type ObjectRow, objectColumns } from "../database/rows.ts";
import { noSuchBucket, noSuchKey } from "../errors.ts";
import type { Call } from "../http/call.ts";
import { checkName } from "../names.ts";
import type { Services } from "../services.ts";

/**
 * One object, as far as `who` may see it; null: whatever policies say.
 * @param version the one that is wanted, where the caller says which; another one is as if there were none
 * @throws StorageError InvalidKey, NoSuchKey
 */
export async function findObject(
  services: Services,
  who: Caller | null,
  operation: string,
  { bucket, name, version = null }: { bucket: string; name: string; version?: string | null },
): Promise<ObjectRow> {
  checkName(name);
  const sql = `select ${objectColumns} from storage.objects
    where bucket_id = $1 and name = $2 and ($3::text is null or version = $3)`;
  const read = (from: Pick<Transaction, "rows">) => from.rows<ObjectRow>(sql, [bucket, name, version]);
  const rows = await (who ? services.database.as(who, operation, read) : read(services.database));
  if (!rows[0]) throw noSuchKey();
  return rows[0];
}

/** Of a bucket that is open to everybody; another one is as if it were not there. */
export async function findPublic(call: Call): Promise<ObjectRow> {
  const { services, operation } = call;
  if (!(await findBucket(services, call.bucket)).public) throw noSuchBucket();
  return findObject(services, null, operation, target(call));
}

/** With the caller's rights, which are not asked for in a bucket that is open to everybody. */
export async function findAuthenticated(call: Call): Promise<ObjectRow> {
  const { services, caller, operation, keyed } = call;
  const open = (await findBucket(services, call.bucket)).public;
  if (!open && !keyed) throw noSuchBucket();
  return findObject(services, open ? null : caller, operation, target(call));
}

/** What a path, and its `versionId`, say. */
const target = ({ bucket, name, query }: Call) => ({ bucket, name, version: query.get("versionId") });
