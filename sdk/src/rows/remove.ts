import type { WriteOptions } from "../types.ts";
import { type Entity, rowsOf, type ThingTable } from "./entity.ts";
import { throwIfNotLive } from "./live.ts";
import { checkedId, findRow, notFound } from "./read.ts";
import { updateRow, write } from "./update.ts";

/** Deletes softly; the database puts its own time in place of ours. */
export function removeRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  options: WriteOptions,
  action: string,
): Promise<Out> {
  return updateRow(entity, id, { deletedAt: new Date().toISOString() }, options, action);
}

/** Brings a deleted row back, with what was deleted along with it; a row that is there is returned as it is. */
export async function restoreRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  change: Record<string, unknown>,
  signal: AbortSignal | undefined,
  action: string,
): Promise<Out> {
  const key = checkedId(id, action);
  const query = rowsOf(entity).update({ deleted_at: null, ...change });
  const [row] = await write(entity, query.eq("id", key).not("deleted_at", "is", null), action, signal);
  const found = row ?? (await findRow(entity, key, action, signal));
  if (found) return entity.toOut(found);
  await throwIfNotLive(entity.connection, action, signal);
  throw notFound(entity.table, id, action);
}
