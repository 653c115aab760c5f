import type { WriteOptions } from "../types.ts";
import { type Entity, rowsOf, type ThingTable } from "./entity.ts";
import { throwIfNotLive } from "./live.ts";
import { checkedId, notFound } from "./read.ts";
import { updateRow, writeRow } from "./update.ts";

/** Deletes softly; the database puts its own time in place of ours. */
export function removeRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  options: WriteOptions,
  action: string,
): Promise<Out> {
  return updateRow(entity, id, { deletedAt: new Date().toISOString() }, options, action);
}

/**
 * Brings a deleted row back, with what was deleted along with it; a row that is there is returned as it is.
 *
 * @param version Only restores a row that still has this version.
 * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION
 */
export async function restoreRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  change: Record<string, unknown>,
  signal: AbortSignal | undefined,
  action: string,
  version?: number,
): Promise<Out> {
  const key = checkedId(id, action);
  const { keeper } = entity.connection;
  if (keeper) {
    const intent = { kind: "restore", table: entity.table, id: key, patch: change } as const;
    const [kept] = (await keeper.write(intent, { action, signal })) as Out[];
    return kept as Out;
  }
  const { row } = await writeRow(
    entity,
    key,
    {
      query: () =>
        rowsOf(entity)
          .update({ deleted_at: null, ...change })
          .eq("id", key)
          .not("deleted_at", "is", null),
      fits: ({ deleted_at }) => deleted_at !== null,
      patch: change,
      version,
    },
    action,
    signal,
  );
  if (row) return entity.toOut(row);
  await throwIfNotLive(entity.connection, action, signal);
  throw notFound(entity.table, id, action);
}
