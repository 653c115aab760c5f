import { literal } from "../access/database.ts";
import type { Filter } from "./filter.ts";
import type { Table, TableColumn } from "./table.ts";

/** A filter made ready for one table. */
export interface Condition {
  column: string;
  /** The value in Postgres' own text form, of `in` each of the list. */
  operands: Set<string>;
  filter: Filter;
  /** How Postgres decides it for a value that is written as text. */
  sql(text: string | null): string;
  /** Decided here where the texts alone tell; null where Postgres has to be asked. */
  decide(text: string | null): boolean | null;
}

const symbols: Record<string, string> = {
  eq: "=",
  neq: "<>",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
};

/** Operators whose right side is a pattern, whatever the column's type. */
export const patterns: Record<string, string> = { like: "~~", ilike: "~~*", match: "~", imatch: "~*" };

/** @param operands what Postgres says of the filter's value when it is read as the column's type */
export function makeCondition(column: TableColumn, filter: Filter, operands: string[]): Condition {
  const set = new Set(operands);
  return {
    column: column.name,
    operands: set,
    filter,
    sql: (text) => conditionSql(column.sqlType, filter, text === null ? "null" : literal(text)),
    decide: (text) => decide(column, filter, set, text),
  };
}

/** A value that is null decides nothing, so the row is left out, negated or not; `is` and `isdistinct` see nulls. */
export function conditionSql(sqlType: string, { operator, negate, value }: Filter, operand: string): string {
  const left = `(${operand})::${sqlType}`;
  const condition = (() => {
    if (operator === "is") return `${left} is ${isWords[value] ?? "null"}`;
    if (operator === "in") return `${left} = any (${literal(value)}::${sqlType}[])`;
    if (operator === "isdistinct") return `${left} is distinct from ${literal(value)}::${sqlType}`;
    const pattern = patterns[operator];
    if (pattern) return `${left} ${pattern} ${literal(value)}::text`;
    return `${left} ${symbols[operator]} ${literal(value)}::${sqlType}`;
  })();
  return `coalesce(${negate ? "not " : ""}(${condition}), false)`;
}

/** What may stand behind `is`. */
export const isWords: Record<string, string> = {
  null: "null",
  true: "true",
  false: "false",
  unknown: "unknown",
};

function decide(
  { isPlain, kind }: TableColumn,
  { operator, negate, value }: Filter,
  operands: Set<string>,
  text: string | null,
): boolean | null {
  if (operator === "is" && value === "null") return (text === null) !== negate;
  if (operator === "is" || operator === "isdistinct") return null;
  if (text === null) return false;
  if (!isPlain) return null;
  if (operator === "eq" || operator === "in") return operands.has(text) !== negate;
  if (operator === "neq") return operands.has(text) === negate;
  const [operand] = operands;
  if (!kind.startsWith("int") || operand === undefined) return null;
  const [left, right] = [BigInt(text), BigInt(operand)];
  if (operator === "lt") return left < right !== negate;
  if (operator === "lte") return left <= right !== negate;
  if (operator === "gt") return left > right !== negate;
  if (operator === "gte") return left >= right !== negate;
  return null;
}

export const columnOf = (table: Table, name: string): TableColumn | undefined =>
  table.columns.find((column) => column.name === name);
