import { TrackItError, type VersionConflict } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { type Query, type RowOf, run } from "../transport/rest.ts";
import type { WriteOptions } from "../types.ts";
import { toColumns } from "./camel.ts";
import { type Entity, rowsOf, type ThingTable } from "./entity.ts";
import { explained, throwIfNotLive } from "./live.ts";
import { checkedId, findRow, notFound } from "./read.ts";

/**
 * Changes one row that is not deleted, and says why when it could not: a write that touches nothing is no success.
 *
 * @throws ACCESS_NOT_FOUND, or with `version` CONFLICT_VERSION with both sides.
 */
export async function updateRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  patch: object,
  { version, signal }: WriteOptions,
  action: string,
): Promise<Out> {
  const key = checkedId(id, action);
  checkVersion(version, action);
  const columns = toColumns(patch);
  if (Object.keys(columns).length === 0) throw invalid(action, "patch", patch, "at least one field");
  const { keeper } = entity.connection;
  if (keeper) {
    const intent = { kind: "update", table: entity.table, id: key, patch: given(patch) } as const;
    const [kept] = (await keeper.write(intent, { action, version, signal })) as Out[];
    return kept as Out;
  }
  const live = rowsOf(entity).update(columns).eq("id", key).is("deleted_at", null);
  const [row] = await write(
    entity,
    version === undefined ? live : live.eq("version", version),
    action,
    signal,
  );
  if (row) return entity.toOut(row);
  throw await reason(entity, key, patch, version, action, signal);
}

/** Without the fields that are left out by being undefined, which JSON would drop as well. */
function given(patch: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}

/** Sends an update; what the policies refuse comes with its true reason. */
export function write<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  query: Query<RowOf<Table>>,
  action: string,
  signal: AbortSignal | undefined,
): Promise<RowOf<Table>[]> {
  return explained(entity.connection, action, signal, () => run(query.select(), action, signal));
}

async function reason<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  patch: object,
  version: number | undefined,
  action: string,
  signal: AbortSignal | undefined,
): Promise<TrackItError> {
  const row = await findRow(entity, id, action, signal);
  if (!row || row.deleted_at !== null) {
    await throwIfNotLive(entity.connection, action, signal);
    return notFound(entity.table, id, action);
  }
  return untouched(action, id, patch, version, entity.toOut(row), row.version);
}

/** Why an update touched no row although the caller can read it: somebody was faster, or it is not theirs to change. */
export function untouched<Out>(
  action: string,
  id: string,
  patch: object,
  version: number | undefined,
  theirs: Out,
  present: number,
): TrackItError {
  if (version === undefined || present === version) {
    return new TrackItError("ACCESS_DENIED", `${action}: ${id} may be read but not changed`, {
      field: "id",
      value: id,
    });
  }
  const details: VersionConflict<Out> = { mine: { ...(patch as Partial<Out>), id, version }, theirs };
  return new TrackItError("CONFLICT_VERSION", `${action}: ${id} has version ${present}, wanted ${version}`, {
    field: "version",
    value: version,
    rule: `the present version, ${present}`,
    hint: "Look at details.mine and details.theirs, decide, and write again with version theirs.version",
    details,
  });
}

export function checkVersion(version: number | undefined, action: string): void {
  if (version === undefined || (Number.isInteger(version) && version >= 1)) return;
  throw invalid(action, "version", version, "a whole number from 1");
}
