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
 * @throws StorageError InvalidKey, NoSuchKey
 */
export async function findObject(
  services: Services,
  who: Caller | null,
  operation: string,
  bucket: string,
  name: string,
): Promise<ObjectRow> {
  checkName(name);
  const sql = `select ${objectColumns} from storage.objects where bucket_id = $1 and name = $2`;
  const read = (from: Pick<Transaction, "rows">) => from.rows<ObjectRow>(sql, [bucket, name]);
  const rows = await (who ? services.database.as(who, operation, read) : read(services.database));
  if (!rows[0]) throw noSuchKey();
  return rows[0];
}

/** Of a bucket that is open to everybody; another one is as if it were not there. */
export async function findPublic(call: Call): Promise<ObjectRow> {
  const { services, operation, bucket, name } = call;
  if (!(await findBucket(services, bucket)).public) throw noSuchBucket();
  return findObject(services, null, operation, bucket, name);
}

/** With the caller's rights, which are not asked for in a bucket that is open to everybody. */
export async function findAuthenticated(call: Call): Promise<ObjectRow> {
  const { services, caller, operation, bucket, name } = call;
  const open = (await findBucket(services, bucket)).public;
  return findObject(services, open ? null : caller, operation, bucket, name);
}
