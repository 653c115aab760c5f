import type { Relation, Value } from "./changes.ts";

/** A row by the names of its columns. */
export function named(relation: Relation, row: Value[]): Record<string, Value> {
  const values: Record<string, Value> = Object.create(null);
  relation.columns.forEach((column, index) => {
    values[column.name] = row[index];
  });
  return values;
}

export const isTable = (relation: Relation, schema: string, table: string): boolean =>
  relation.schema === schema && relation.table === table;
