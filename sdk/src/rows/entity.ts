import type { Connection } from "../connect.ts";
import { type RowOf, type TableDoor, table } from "../transport/rest.ts";

/** The tables of things that people create, order, delete and restore. */
export type ThingTable = "goals" | "tasks";

/** What the verbs of rows/ need to know of a noun. */
export interface Entity<Table extends ThingTable, Out> {
  connection: Connection;
  table: Table;
  /** The row under SDK names. */
  toOut(row: RowOf<Table>): Out;
}

export function rowsOf<Table extends ThingTable, Out>({
  connection,
  table: name,
}: Entity<Table, Out>): TableDoor<RowOf<Table>> {
  return table(connection.client, name);
}

/** What every thing's row has, as far as the shared verbs look. */
export interface ThingRow {
  id: string;
  position: string;
  version: number;
  deleted_at: string | null;
}
