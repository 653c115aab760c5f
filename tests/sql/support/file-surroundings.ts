import pg from "pg";
import type { Dice } from "../../support/random.ts";

/** Stores the bytes of one reservation, as storage does. */
export const storeOne = (client: pg.Client) =>
  client
    .query(
      `insert into storage.objects (bucket_id, name, metadata)
       select 'files', v.path, jsonb_build_object('size', v.size) from public.file_versions v
       where v.state = 'reserved' and not exists (select from storage.objects o where o.name = v.path)
       order by random() limit 1
       on conflict do nothing`,
    )
    .catch((error: unknown) => {
      // Given up between the look and the store.
      if (!(error instanceof pg.DatabaseError && error.code === "42501")) throw error;
    });

/** What becomes old, in turns: the rows that nobody holds at this moment, against deadlocks with them. */
const aged = [
  ["public.file_versions", "upload_id", "expires_at = now()", "state = 'reserved'"],
  ["public.files", "id", "deleted_at = deleted_at - interval '90 days'", "deleted_at is not null"],
  ["public.folders", "id", "deleted_at = deleted_at - interval '90 days'", "deleted_at is not null"],
  ["public.shares", "id", "revoked_at = revoked_at - interval '1 year'", "revoked_at is not null"],
  ["private.share_grants", "hash", "expires_at = now()", "true"],
  ["private.removals", "id", "doomed_at = doomed_at - interval '2 days'", "removed_at is null"],
  ["private.removals", "id", "removed_at = removed_at - interval '3 days'", "removed_at is not null"],
  ["storage.objects", "id", "created_at = created_at - interval '2 days'", "true"],
] as const;

/** Time goes by for some of something. */
export async function age(client: pg.Client, roll: Dice): Promise<void> {
  const [table, key, change, which] = roll.pick(aged);
  await client.query(
    `update ${table} set ${change} where ${key} = any (array(
       select ${key} from ${table} where ${which} and random() < 0.4 for update skip locked))`,
  );
}

/**
 * What the schedules do.
 * @returns how many objects had no version and were not on their way out: none ever
 */
export async function sweep(client: pg.Client, most: number): Promise<number> {
  await client.query("select private.sweep_files($1)", [most]);
  const { rows } = await client.query<{ n: number }>("select private.doom_orphans() as n");
  return rows[0]?.n ?? 0;
}

/** Removes objects that are doomed, as the worker does; some twice, as two workers would. */
export async function removeSome(client: pg.Client, most: number): Promise<void> {
  const open = "select id from private.removals where removed_at is null order by random() limit $1";
  const { rows } = await client.query<{ id: string; path: string }>(
    `select * from jsonb_to_recordset(public.worker_removals(array(${open}))) as r (id uuid, path text)`,
    [most],
  );
  await client.query("select set_config('storage.allow_delete_query', 'true', false)");
  await client.query("delete from storage.objects where name = any ($1)", [rows.map(({ path }) => path)]);
  await client.query("select public.worker_removed($1)", [rows.map(({ id }) => id)]);
}
