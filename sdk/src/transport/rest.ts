import type { SupabaseClient } from "@supabase/supabase-js";
import type { TrackItError } from "../errors.ts";
import { type DatabaseFailure, fromDatabase } from "../failure/database.ts";
import { fromNetwork, throwIfAborted } from "../failure/network.ts";
import type { Database } from "../schema/database.types.ts";

/** The tables that have verbs of their own here. */
export type TableName = "activities" | "goals" | "profiles" | "tasks";
export type RowOf<Table extends TableName> = Database["public"]["Tables"][Table]["Row"];
type FunctionName = keyof Database["public"]["Functions"];

interface Answer<Data> {
  data: Data | null;
  error: DatabaseFailure | null;
  status: number;
}

/**
 * The part of a postgrest-js query that the SDK uses. Its own types compute rows from select strings per table,
 * which a module that serves several tables cannot follow; ours name the row once.
 */
export interface Query<Row> extends PromiseLike<Answer<Row[]>> {
  eq(column: string, value: unknown): Query<Row>;
  gt(column: string, value: unknown): Query<Row>;
  gte(column: string, value: unknown): Query<Row>;
  lt(column: string, value: unknown): Query<Row>;
  lte(column: string, value: unknown): Query<Row>;
  is(column: string, value: null): Query<Row>;
  not(column: string, operator: string, value: unknown): Query<Row>;
  in(column: string, values: readonly unknown[]): Query<Row>;
  contains(column: string, value: unknown): Query<Row>;
  or(filters: string): Query<Row>;
  order(column: string, options: { ascending: boolean }): Query<Row>;
  limit(count: number): Query<Row>;
  select(): Query<Row>;
  abortSignal(signal: AbortSignal): Query<Row>;
  retry?(enabled: boolean): Query<Row>;
}

export interface TableDoor<Row> {
  select(columns: string): Query<Row>;
  update(values: Record<string, unknown>): Query<Row>;
  upsert(
    values: readonly Record<string, unknown>[],
    options: { onConflict: "id"; ignoreDuplicates: true; defaultToNull: false },
  ): Query<Row>;
}

/** A table, with rows typed from the generated database types. */
export function table<Table extends TableName>(
  client: SupabaseClient<Database>,
  name: Table,
): TableDoor<RowOf<Table>> {
  return client.from(name) as unknown as TableDoor<RowOf<Table>>;
}

/** The rows of a table in which these words are found, to be narrowed, ordered and cut like the table itself. */
export function searched<Table extends "goals" | "tasks">(
  client: SupabaseClient<Database>,
  name: Table,
  words: string,
): Query<RowOf<Table>> {
  const found = client.rpc(name === "goals" ? "find_goals" : "find_tasks", { query: words });
  return found as unknown as Query<RowOf<Table>>;
}

/**
 * Sends a query and returns its rows.
 *
 * @param action What the caller asked for, "goals.update"; opens every message.
 * @throws TrackItError with the code that the database's or the network's refusal maps to.
 */
export async function run<Row>(query: Query<Row>, action: string, signal?: AbortSignal): Promise<Row[]> {
  throwIfAborted(signal, action);
  const once = query.retry?.(false) ?? query; // offline is told at once, not after seconds of trying
  const { data, error, status } = await (signal ? once.abortSignal(signal) : once);
  if (error) throw failure(error, status, action, signal);
  return data ?? [];
}

/** Calls a function of the database; `Returns` is its own type from the generated types. */
export async function call<Name extends FunctionName>(
  client: SupabaseClient<Database>,
  name: Name,
  args: Record<string, unknown>,
  action: string,
  signal?: AbortSignal,
): Promise<Database["public"]["Functions"][Name]["Returns"]> {
  throwIfAborted(signal, action);
  type Result = Database["public"]["Functions"][Name]["Returns"];
  const query = client.rpc(name, args as never) as unknown as PromiseLike<Answer<Result>> & {
    abortSignal(signal: AbortSignal): PromiseLike<Answer<Result>>;
  };
  const { data, error, status } = await (signal ? query.abortSignal(signal) : query);
  if (error) throw failure(error, status, action, signal);
  return data as Result;
}

function failure(error: DatabaseFailure, status: number, action: string, signal?: AbortSignal): TrackItError {
  return status === 0 ? fromNetwork(error, action, signal) : fromDatabase(error, status, action);
}
