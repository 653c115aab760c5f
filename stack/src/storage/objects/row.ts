import type { Caller } from "../../part.ts";
import type { Transaction } from "../database/database.ts";
import type { ObjectMetadata } from "../database/rows.ts";
import type { Services } from "../services.ts";

/** A row of storage.objects to be written. */
export interface NewObject {
  bucket: string;
  name: string;
  version: string;
  /** The user that it belongs to; null: nobody. */
  owner: string | null;
  metadata: Partial<ObjectMetadata>;
  userMetadata: Record<string, unknown> | null;
}

export interface WriteOptions {
  /** With whose rights. */
  who: Caller;
  operation: string;
  /** An object of that name is replaced; otherwise it is a conflict. */
  upsert: boolean;
  /** More that is done in the same transaction, as the tables' owner, once the row is there. */
  also?: (tx: Transaction) => Promise<void>;
}

export interface Written {
  id: string;
  /** The version whose bytes nobody needs any more. */
  replaced: string | null;
}

/**
 * Makes the row that makes an object of a version's bytes, under the policies that hold for `who`.
 * @throws StorageError, UnknownOutcomeError
 */
export function writeRow(services: Services, object: NewObject, options: WriteOptions): Promise<Written> {
  const { who, operation, upsert, also } = options;
  return services.database.as(who, operation, async (tx) => {
    const replaced = upsert ? await lockCurrent(tx, object, who) : null;
    const id = await insertRow(tx, object, upsert);
    if (also) {
      await tx.become(null);
      await also(tx);
    }
    return { id, replaced };
  });
}

/** Whether it could be written. Nothing is kept. */
export function tryRow(services: Services, object: NewObject, options: WriteOptions): Promise<void> {
  return services.database.tryAs(options.who, options.operation, (tx) =>
    insertRow(tx, object, options.upsert),
  );
}

// The lock is for two who replace the same name at once, new or not: each must learn whose bytes it replaces.
async function lockCurrent(
  tx: Transaction,
  { bucket, name }: NewObject,
  who: Caller,
): Promise<string | null> {
  await tx.become(null);
  await tx.rows("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${bucket}/${name}`]);
  const rows = await tx.rows<{ version: string | null }>(
    "select version from storage.objects where bucket_id = $1 and name = $2",
    [bucket, name],
  );
  await tx.become(who);
  return rows[0]?.version ?? null;
}

// Without RETURNING where nothing is replaced: to upload, nobody needs to be allowed to select.
async function insertRow(tx: Transaction, object: NewObject, upsert: boolean): Promise<string> {
  const id = crypto.randomUUID();
  const replace = `on conflict (bucket_id, name) do update set version = excluded.version, owner = excluded.owner,
    owner_id = excluded.owner_id, metadata = excluded.metadata, user_metadata = excluded.user_metadata returning id`;
  const rows = await tx.rows<{ id: string }>(
    `insert into storage.objects (id, bucket_id, name, version, owner, owner_id, metadata, user_metadata)
     values ($1, $2, $3, $4, $5, $6, $7, $8) ${upsert ? replace : ""}`,
    [
      id,
      object.bucket,
      object.name,
      object.version,
      uuidOrNull(object.owner),
      object.owner,
      JSON.stringify(object.metadata),
      JSON.stringify(object.userMetadata),
    ],
  );
  return rows[0]?.id ?? id;
}

const uuidOrNull = (text: string | null) =>
  text && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text : null;
