import { TrackItError } from "../errors.ts";
import { checked } from "../failure/usage.ts";
import { idOnly } from "../schema/values.ts";
import { type RowOf, run } from "../transport/rest.ts";
import { type Entity, rowsOf, type ThingTable } from "./entity.ts";
import { throwIfNotLive } from "./live.ts";

export function checkedId(id: string, action: string): string {
  return checked(idOnly, { id }, action).id;
}

/** The row, deleted or not; null when there is none that the caller may see. */
export async function findRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  action: string,
  signal?: AbortSignal,
): Promise<RowOf<Table> | null> {
  const [row] = await run(rowsOf(entity).select("*").eq("id", id).limit(1), action, signal);
  return row ?? null;
}

/** The rows of these ids that the caller may see, in no particular order. */
export async function findRows<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  ids: readonly string[],
  action: string,
  signal?: AbortSignal,
): Promise<RowOf<Table>[]> {
  const found: RowOf<Table>[] = [];
  // Ids travel in the address, which servers cut at about 8,000 characters.
  const ATONCE = 100;
  for (let at = 0; at < ids.length; at += ATONCE) {
    const some = ids.slice(at, at + ATONCE);
    found.push(...(await run(rowsOf(entity).select("*").in("id", some), action, signal)));
  }
  return found;
}

/** @throws ACCESS_NOT_FOUND for rows that are deleted, other people's, or not there: nothing tells them apart. */
export async function getRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  action: string,
  signal?: AbortSignal,
): Promise<RowOf<Table>> {
  const row = await findRow(entity, checkedId(id, action), action, signal);
  if (row && row.deleted_at === null) return row;
  await throwIfNotLive(entity.connection, action, signal);
  throw notFound(entity.table, id, action);
}

export function notFound(table: ThingTable, id: string, action: string): TrackItError {
  const noun = table === "goals" ? "goal" : "task";
  return new TrackItError("ACCESS_NOT_FOUND", `${action}: there is no ${noun} ${id}`, {
    field: "id",
    value: id,
    rule: `the id of a ${noun} of one's own that is not deleted`,
  });
}
