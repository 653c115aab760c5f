import type { Connection } from "../connect.ts";
import { decodeCursor, encodeCursor } from "../paging/cursor.ts";
import { type Order, orderName, seek } from "../paging/keyset.ts";
import { listing } from "../paging/listing.ts";
import { type Query, type RowOf, run, type TableName, table } from "../transport/rest.ts";
import type { Listing, ListOptions, Page } from "../types.ts";
import { throwIfNotLive } from "./live.ts";

export type Filters<Row> = (query: Query<Row>) => Query<Row>;

export interface ListPlan<Table extends TableName, Out> {
  connection: Connection;
  table: Table;
  order: Order;
  /** Looks up what the filters need, once per page, and returns what applies them. */
  filters(signal?: AbortSignal): Promise<Filters<RowOf<Table>>>;
  toOut(row: RowOf<Table>): Out;
  /** Where the rows come from, when it is not the table as it is. */
  source?(): Query<RowOf<Table>>;
}

/** A list of a table's rows, page by page along an index. */
export function listRows<Table extends TableName, Out>(
  plan: ListPlan<Table, Out>,
  options: ListOptions,
  action: string,
): Listing<Out> {
  const order = orderName(plan.order);
  const read = async (after: string | null, limit: number, signal?: AbortSignal): Promise<Page<Out>> => {
    const cursor = after === null ? null : decodeCursor(order, after, action);
    const narrow = await plan.filters(signal);
    const query = narrow(plan.source?.() ?? table(plan.connection.client, plan.table).select("*"));
    // One row more than asked for tells whether there is a next page.
    const rows = await run(seek(query, plan.order, cursor).limit(limit + 1), action, signal);
    if (rows.length === 0 && !cursor) await throwIfNotLive(plan.connection, action, signal);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last ? encodeCursor(order, endOf(last, plan.order)) : null;
    return { rows: page.map((row) => plan.toOut(row)), next };
  };
  return listing(read, options, action);
}

function endOf(row: { id: string }, { column }: Order): { value: string | number; id: string } {
  const value: unknown = Reflect.get(row, column);
  return { value: typeof value === "number" ? value : String(value), id: row.id };
}
