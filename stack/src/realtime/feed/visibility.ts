import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "../access/database.ts";

/** Far longer than any commit takes to become visible. */
const patience = 5_000;

/**
 * Waits until new snapshots see a transaction. The WAL tells of a commit before Postgres has taken the transaction
 * off the list of running ones; who asks a policy in between finds no row, and nobody would be told of it.
 */
export async function untilVisible(database: Database, xid: number): Promise<void> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
    const [row] = await database.query<{ visible: boolean }>(visible, [xid], "visible");
    if (row?.visible) return;
    await wait(1);
  }
}

// The WAL gives the lower half of a transaction's number; the upper half is that of the newest one, or one less
// where the lower half has begun anew since.
const visible = `
  with newest as (select s, pg_snapshot_xmax(s)::text::bigint as id from pg_current_snapshot() s),
  guess as (select s, id, (id & -4294967296) | $1::bigint as full_id from newest)
  select pg_visible_in_snapshot(
    (case when full_id > id + 2147483648 then full_id - 4294967296 else full_id end)::text::xid8, s) as visible
  from guess`;
