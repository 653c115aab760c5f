import { type Database, identifier, literal } from "../access/database.ts";
import type { Value } from "../feed/changes.ts";
import type { Table, TableColumn } from "./table.ts";

export type Row = Record<string, Value>;

/**
 * Fills in what the WAL leaves out: large values that did not change, where the old row tells them (of tables that
 * keep it whole), and generated columns, which Postgres computes again from the others.
 */
export async function completeRow(database: Database, table: Table, row: Row, old: Row | null): Promise<Row> {
  for (const { name } of table.columns) row[name] ??= row[name] === undefined ? old?.[name] : null;
  for (const column of table.columns) {
    if (column.expression === null || row[column.name] !== undefined) continue;
    const value = await compute(database, table, column, row);
    if (value !== undefined) row[column.name] = value;
  }
  return row;
}

/** @returns undefined where it cannot be told: the row is a key alone, or Realtime may not call a function of it */
async function compute(database: Database, table: Table, column: TableColumn, row: Row): Promise<Value> {
  const known = table.columns.filter(({ name }) => row[name] !== undefined);
  if (known.length === 0) return undefined;
  const values = known.map(({ name, sqlType }) => {
    const value = row[name];
    return `${typeof value === "string" ? literal(value) : "null"}::${sqlType} as ${identifier(name)}`;
  });
  const [computed] = await database
    .query<{ value: string | null }>(
      `select (${column.expression})::text as value from (select ${values.join(", ")}) as ${identifier(table.table)}`,
    )
    .catch((error: { code?: string }) => {
      // Of Postgres' own refusals those that say that the statement cannot be.
      if (/^(?:42|22|3F)/.test(error.code ?? "")) return [];
      throw error;
    });
  return computed?.value;
}
