import type { Change } from "../feed/changes.ts";
import type { Table, TableColumn } from "./table.ts";

/** A larger row is told with its small values alone, as the real server does. */
const mostBytes = 1024 * 1024;
const small = 64;

export interface Told {
  change: Change;
  table: Table;
  /** Milliseconds since 1970. */
  committedAt: number;
  rls: boolean;
  /** As JSON; null where there is none. */
  row: Record<string, unknown> | null;
  old: Record<string, unknown> | null;
}

/** What one kind of subscriber is told of a change: the columns that its role may read, of them those it wants. */
export function dataFor(told: Told, readable: ReadonlySet<string>, select: string[] | null): object {
  const { change, table, committedAt, rls, row, old } = told;
  const head = {
    schema: table.schema,
    table: table.table,
    commit_timestamp: new Date(committedAt).toISOString(),
    type: change.kind,
  };
  const fault = faultOf(told, readable);
  if (fault) return { ...head, errors: [fault] };
  const columns = table.columns.filter(
    ({ name, isKey }) => readable.has(name) && (!select || isKey || select.includes(name)),
  );
  const isLarge = sizeOf(change) > mostBytes;
  // Who may no longer see a row, or never could, learns of it no more than its key.
  const oldColumns = rls ? columns.filter(({ isKey }) => isKey) : columns;
  return {
    ...head,
    columns: columns.map(({ name, type }) => ({ name, type })),
    ...(row ? { record: pick(row, columns, isLarge) } : {}),
    ...(change.kind === "INSERT" ? {} : { old_record: pick(old ?? {}, oldColumns, isLarge) }),
    errors: isLarge ? ["Error 413: Payload Too Large"] : null,
  };
}

/** Why a role cannot be told of a row: policies cannot be asked without its key. */
export function faultOf({ change, table }: Told, readable: ReadonlySet<string>): string | null {
  if (change.kind === "DELETE") return null;
  const keys = table.columns.filter(({ isKey }) => isKey);
  if (keys.length === 0) return "Error 400: Bad Request, no primary key";
  return keys.every(({ name }) => readable.has(name)) ? null : "Error 401: Unauthorized";
}

function pick(
  row: Record<string, unknown>,
  columns: TableColumn[],
  isLarge: boolean,
): Record<string, unknown> {
  const entries = columns
    .filter(({ name }) => name in row)
    .map(({ name }): [string, unknown] => [name, row[name]])
    .filter(([, value]) => !isLarge || Buffer.byteLength(JSON.stringify(value)) <= small);
  return Object.fromEntries(entries);
}

function sizeOf({ row, old }: Change): number {
  return [...(row ?? []), ...(old ?? [])].reduce((sum, value) => sum + (value?.length ?? 0), 0);
}
