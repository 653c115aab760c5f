import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "../access/database.ts";

/** Far longer than any commit takes to become visible. */
const patience = 5_000;

/**
 * Waits until new snapshots see these transactions. The WAL tells of a commit before Postgres has taken the transaction
 * off the list of running ones; who asks a policy in between finds no row, and nobody would be told of it.
 */
export async function untilVisible(database: Database, xids: number[]): Promise<void> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
    const [row] = await database.query<{ visible: boolean }>(visible, [xids], "visible");
    if (row?.visible) return;
    await wait(1);
  }
}

// The WAL gives the lower half of a transaction's number; the upper half is that of the newest one, or one less
// where the lower half has begun anew since.
const visible = `
  with newest as (select s, pg_snapshot_xmax(s)::text::bigint as id from pg_current_snapshot() s),
  guess as (select s, id, (id & -4294967296) | xid as full_id from newest, unnest($1::bigint[]) as xid)
  select bool_and(pg_visible_in_snapshot(
    (case when full_id > id + 2147483648 then full_id - 4294967296 else full_id end)::text::xid8, s)) as visible
  from guess`;

/**
 * Transactions that have begun to come. What nobody wants of one is passed over as it comes, also where others wait to
 * be told of the rest: somebody who begins to listen a moment later and reads what there is has to find it, or would
 * neither be told of it nor see it.
 */
export class Passed {
  /** By number, when they came. */
  readonly #at = new Map<number, number>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(xid: number): void {
    const now = this.#now();
    this.#at.set(xid, now);
    for (const [old, at] of this.#at) {
      if (at > now - patience) return;
      this.#at.delete(old);
    }
  }

  /** Waits until new snapshots see all of them. */
  async visible(database: Database): Promise<void> {
    const xids = [...this.#at.keys()];
    if (xids.length === 0) return;
    await untilVisible(database, xids);
    for (const xid of xids) this.#at.delete(xid);
  }
}
