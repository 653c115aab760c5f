import pg from "pg";
import type { Database } from "../access/database.ts";

/**
 * The slot is a lasting one while the stack runs: a Postgres that was killed and comes back goes on where the last
 * delivered transaction ended, and so does a stack that was killed. It goes when the stack stops, and
 * `max_slot_wal_keep_size` bounds what it holds in between; a slot that was lost that way is made anew.
 */
export const slotName = "trackit_realtime";

interface Slot {
  lost: boolean;
  pid: number | null;
}

/** Finds the slot or makes it. */
export async function prepareSlot(client: pg.Client): Promise<void> {
  const found = await findSlot(client);
  if (found?.pid) await takeOver(client, found.pid);
  if (found && !found.lost) return;
  if (found) await dropSlot(client);
  await client.query(`CREATE_REPLICATION_SLOT "${slotName}" LOGICAL pgoutput (SNAPSHOT 'nothing')`);
}

async function dropSlot(client: pg.Client): Promise<void> {
  await client.query(`DROP_REPLICATION_SLOT "${slotName}" WAIT`).catch((error: { code?: string }) => {
    if (error.code !== "42704") throw error;
  });
}

/** Drops the slot as the feed ends. */
export async function giveBackSlot(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, replication: "database" } as pg.ClientConfig);
  client.on("error", () => {});
  try {
    await client.connect();
    await dropSlot(client);
  } catch {
    // The next start takes it over.
  } finally {
    await client.end().catch(() => {});
  }
}

/** Drops a slot whose connection has ended; the next one makes it anew. */
export async function dropIdleSlot(database: Database): Promise<void> {
  const drop = "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1";
  await database.query(drop, [slotName]).catch(() => {});
}

async function findSlot(client: pg.Client): Promise<Slot | null> {
  const { rows } = await client.query<Slot>(
    `select coalesce(wal_status = 'lost', false) or invalidation_reason is not null as lost, active_pid as pid
     from pg_replication_slots where slot_name = '${slotName}'`,
  );
  return rows[0] ?? null;
}

/** Somebody of ours still holds it: a connection whose end Postgres has not noticed yet. */
async function takeOver(client: pg.Client, pid: number): Promise<void> {
  await client.query(`select pg_terminate_backend(${Number(pid)}, 5000)`);
}
