import type { Database } from "../access/database.ts";
import { type Condition, columnOf, conditionSql, isWords, makeCondition, patterns } from "./condition.ts";
import type { Filter } from "./filter.ts";
import type { ChangeParams } from "./params.ts";
import { SubscribeError } from "./params.ts";
import { describeTable, findTables, type Table, type TableColumn } from "./table.ts";

const mostInList = 100;

/**
 * Checks a subscription against every table that it means: that the role may read the columns it names, and that
 * Postgres can compare them with its values.
 * @throws SubscribeError in the words of the real server
 */
export async function checkSubscription(
  database: Database,
  role: string,
  params: ChangeParams,
): Promise<void> {
  const found = await findTables(database, params.schema, params.table);
  const told = describeParams(params);
  if (found.length === 0) {
    throw new SubscribeError(
      `Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [${told}]`,
    );
  }
  try {
    for (const { schema, table } of found) {
      if (params.filters.length === 0 && !params.select) continue;
      const described = await describeTable(database, schema, table);
      if (!described) continue;
      const readable = await readableColumns(database, role, described);
      for (const name of params.select ?? []) {
        if (!readable.has(name)) throw new Refused(`invalid column for select ${name}`);
      }
      await prepareConditions(database, described, params.filters, readable);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new SubscribeError(
      `Unable to subscribe to changes with given parameters. An exception happened so please check your connect parameters: [${told}]. Exception: ${exceptionOf(error)}`,
    );
  }
}

/** Makes filters ready for a table. */
export async function prepareConditions(
  database: Database,
  table: Table,
  filters: Filter[],
  readable: ReadonlySet<string> | null = null,
): Promise<Condition[]> {
  const conditions: Condition[] = [];
  for (const filter of filters) {
    const column = columnOf(table, filter.column);
    if (!column || (readable && !readable.has(column.name))) {
      throw new Refused(`invalid column for filter ${filter.column}`);
    }
    conditions.push(makeCondition(column, filter, await operandsOf(database, column, filter)));
  }
  return conditions;
}

async function operandsOf(database: Database, column: TableColumn, filter: Filter): Promise<string[]> {
  const { operator, value } = filter;
  if (operator === "is") {
    if (!isWords[value]) {
      throw new Refused("invalid value for is filter: must be null, true, false, or unknown");
    }
    if (value !== "null" && column.kind !== "bool") {
      throw new Refused(`is ${value} filter requires a boolean column, got ${column.sqlType}`);
    }
    return [];
  }
  // Postgres compares once, with nothing: a type that cannot be compared that way says so now.
  await database.query(`select ${conditionSql(column.sqlType, filter, "null")}`);
  const pattern = patterns[operator];
  if (pattern) {
    await database.query(`select '' ${pattern} $1::text`, [value]);
    return [];
  }
  const list = operator === "in" ? `unnest($1::${column.sqlType}[])` : `$1::${column.sqlType}`;
  const rows = await database.query<{ text: string }>(`select ${list}::text as text`, [value]);
  if (rows.length > mostInList) throw new Refused("too many values for `in` filter. Maximum 100");
  return rows.map(({ text }) => text);
}

export async function readableColumns(
  database: Database,
  role: string,
  { oid }: Table,
): Promise<ReadonlySet<string>> {
  const rows = await database.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = $2 and attnum > 0 and not attisdropped and has_column_privilege($1, attrelid, attnum, 'SELECT')`,
    [role, oid],
  );
  return new Set(rows.map(({ name }) => name));
}

class Refused extends Error {
  readonly code = "P0001";
}

const conditionNames: Record<string, string> = {
  P0001: "raise_exception",
  "22P02": "invalid_text_representation",
  "22003": "numeric_value_out_of_range",
  "22007": "invalid_datetime_format",
  "42883": "undefined_function",
  "2201B": "invalid_regular_expression",
};

function exceptionOf(error: Error): string {
  const code = "code" in error ? String(error.code) : "XX000";
  return `ERROR ${code} (${conditionNames[code] ?? "error"}) ${error.message}`;
}

function describeParams({ event, schema, table, filters, select }: ChangeParams): string {
  const told = filters.map(({ column, operator, value, negate }) =>
    JSON.stringify([column, operator, value, negate]),
  );
  return `event: ${event}, schema: ${schema}, table: ${table}, filters: [${told.join(", ")}], select: ${JSON.stringify(select)}`;
}
