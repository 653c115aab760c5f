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
  const { row, written } = await writeRow(
    entity,
    key,
    {
      query: () => rowsOf(entity).update(columns).eq("id", key).is("deleted_at", null),
      fits: ({ deleted_at }) => deleted_at === null,
      patch,
      version,
    },
    action,
    signal,
  );
  if (row && written) return entity.toOut(row);
  await throwIfNotLive(entity.connection, action, signal);
  throw notFound(entity.table, id, action);
}

/** Without the fields that are left out by being undefined, which JSON would drop as well. */
function given(patch: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}

/** A change of one row, of those rows that it is meant for. */
export interface Change<Table extends ThingTable> {
  query(): Query<RowOf<Table>>;
  /** Whether a row is one of those that `query` means. */
  fits(row: RowOf<Table>): boolean;
  patch: object;
  version: number | undefined;
}

/**
 * Changes one row. A row that fits when it is read after a vain write may have come, or come back, between the two
 * requests, and is written once more: that it is refused is shown only by a version that was there before and after.
 *
 * @returns the row, whether written or as it stands because it does not fit; null where there is none
 * @throws CONFLICT_VERSION, ACCESS_DENIED
 */
export async function writeRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  id: string,
  { query, fits, patch, version }: Change<Table>,
  action: string,
  signal: AbortSignal | undefined,
): Promise<{ row: RowOf<Table> | null; written: boolean }> {
  for (let before: number | null = null; ; ) {
    const asSeen = version === undefined ? query() : query().eq("version", version);
    const [row] = await explained(entity.connection, action, signal, () =>
      run(asSeen.select(), action, signal),
    );
    if (row) return { row, written: true };
    const found = await findRow(entity, id, action, signal);
    if (!found || !fits(found)) return { row: found, written: false };
    const moved = version !== undefined && version !== found.version;
    if (moved || before === found.version)
      throw untouched(action, id, patch, version, entity.toOut(found), found.version);
    before = found.version;
  }
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
