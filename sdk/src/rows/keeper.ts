import type { Connection } from "../connect.ts";
import type { Prepared } from "./create.ts";
import type { ThingTable } from "./entity.ts";

/** A write as data: what is kept while there is no network, and sent later. */
export type Intent =
  | { kind: "create"; table: ThingTable; rows: readonly Prepared[] }
  | { kind: "createTree"; table: "goals"; goal: Columns; tasks: readonly Columns[] }
  | { kind: "update"; table: ThingTable; id: string; patch: Columns }
  | { kind: "reorder"; table: ThingTable; id: string; place: Place }
  | { kind: "restore"; table: ThingTable; id: string; patch: Columns };

export type Columns = Record<string, unknown>;
type Place = { before: string } | { after: string } | "first" | "last";

export interface KeptCall {
  action: string;
  /** The version that the caller named. */
  version?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What stands between the writing verbs and the network where writes are kept; see outbox/. */
export interface Keeper {
  /** Sends the write, or keeps it and returns the rows as they will be. Its input has been checked. */
  write(intent: Intent, call: KeptCall): Promise<object[]>;
  /** A row as the server gave it: what an offline change is based on. */
  seen(table: ThingTable, row: object): void;
  /** Deletes what is kept for a user. */
  wipe(userId: string): Promise<void>;
}

/** Lets a row that was read be the ground of later changes, where writes are kept. */
export function noted<Row extends object>({ keeper }: Connection, table: ThingTable, row: Row): Row {
  keeper?.seen(table, row);
  return row;
}
