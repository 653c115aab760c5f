import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { uuid7 } from "../ids/uuid7.ts";
import { appended } from "../position/append.ts";
import { type RowOf, run } from "../transport/rest.ts";
import { toColumns } from "./camel.ts";
import { type Entity, rowsOf, type ThingTable } from "./entity.ts";
import { explained } from "./live.ts";
import { findRows } from "./read.ts";
import { sameContent } from "./same.ts";

/** PostgREST returns no more rows than this for one request. */
const MOST_AT_ONCE = 1000;

/** A row ready to be sent: what the caller gave, and what the SDK adds to it. */
export interface Prepared {
  id: string;
  given: Record<string, unknown>;
  columns: Record<string, unknown>;
}

export function prepare({ id, ...input }: { id?: string | undefined }): Prepared {
  const given = toColumns(input);
  const chosen = id ?? uuid7();
  return { id: chosen, given, columns: { position: appended(chosen), ...given, id: chosen } };
}

/** A row as stored, and whether it had been there before. */
export interface Stored<Row> {
  row: Row;
  existed: boolean;
}

/**
 * Stores rows in one statement: all of them or none. Rows that are there already with the same content count as
 * stored, so that a call whose answer was lost can be repeated.
 *
 * @throws CONFLICT_ID when an id is taken by other content, whoever's it is.
 */
export async function storeRows<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  rows: readonly Prepared[],
  action: string,
  signal?: AbortSignal,
): Promise<Stored<RowOf<Table>>[]> {
  if (rows.length === 0) return [];
  if (rows.length > MOST_AT_ONCE) throw tooMany(action, rows.length);
  refuseTwins(rows, action);
  const values = rows.map((row) => row.columns);
  const options = { onConflict: "id", ignoreDuplicates: true, defaultToNull: false } as const;
  const made = await explained(entity.connection, action, signal, () =>
    run(rowsOf(entity).upsert(values, options).select(), action, signal),
  );
  const fresh = new Map(made.map((row) => [row.id, row]));
  const rest = rows.filter((row) => !fresh.has(row.id)).map((row) => row.id);
  const before = new Map((await findRows(entity, rest, action, signal)).map((row) => [row.id, row]));
  return rows.map((row, index) => {
    const found = fresh.get(row.id);
    if (found) return { row: found, existed: false };
    const field = rows.length === 1 ? "id" : `${index}.id`;
    return { row: known<Table>(row, before.get(row.id), field, action), existed: true };
  });
}

function tooMany(action: string, count: number): TrackItError {
  return invalid(action, "", count, `at most ${MOST_AT_ONCE} rows at once`);
}

/** Of two rows with one id the database would store the first and pass over the second in silence. */
function refuseTwins(rows: readonly Prepared[], action: string): void {
  const seen = new Set<string>();
  rows.forEach(({ id }, index) => {
    if (seen.has(id)) throw invalid(action, `${index}.id`, id, "an id that no other row of the call has");
    seen.add(id);
  });
}

export async function createRows<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  rows: readonly Prepared[],
  action: string,
  signal?: AbortSignal,
): Promise<Out[]> {
  const { keeper } = entity.connection;
  if (keeper && rows.length > 0) {
    if (rows.length > MOST_AT_ONCE) throw tooMany(action, rows.length);
    refuseTwins(rows, action);
    const intent = { kind: "create", table: entity.table, rows } as const;
    return (await keeper.write(intent, { action, signal })) as Out[];
  }
  const stored = await storeRows(entity, rows, action, signal);
  return stored.map(({ row }) => entity.toOut(row));
}

function known<Table extends ThingTable>(
  row: Prepared,
  stored: RowOf<Table> | undefined,
  field: string,
  action: string,
): RowOf<Table> {
  if (stored && sameContent(row.given, stored)) return stored;
  throw new TrackItError("CONFLICT_ID", `${action}: ${row.id} is there already with other content`, {
    field,
    value: row.id,
    rule: "a new id, or the content that was sent with it first",
  });
}
