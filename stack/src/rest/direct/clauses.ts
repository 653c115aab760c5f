import type { Relation } from "../database/catalog.ts";
import { filterSql } from "./filters.ts";
import { type Binder, quote } from "./sql.ts";

const reserved = new Set(["select", "order", "limit", "offset", "columns", "on_conflict"]);

/**
 * `select=id,done:status,title` as a select list; null where it names more than plain columns.
 * @param all what `*` is
 */
export function selectSql(relation: Relation, select: string | null, all = "*"): string | null {
  if (select === null || select === "*" || select === "") return all;
  const items: string[] = [];
  for (const entry of select.split(",")) {
    if (entry === "*") {
      items.push(all);
      continue;
    }
    const [first = "", second] = entry.split(":", 2);
    const column = second ?? first;
    if (!relation.columns.has(column) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(first)) return null;
    items.push(second === undefined ? quote(column) : `${quote(column)} as ${quote(first)}`);
  }
  return items.join(", ");
}

/** All filters of a request as one WHERE clause, empty without any; null where one is not simple. */
export function whereSql(relation: Relation, params: URLSearchParams, binder: Binder): string | null {
  const conditions: string[] = [];
  for (const [key, value] of params) {
    if (reserved.has(key)) continue;
    const condition = filterSql(relation, key, value, binder);
    if (condition === null) return null;
    conditions.push(condition);
  }
  return conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
}

/** `order=due_at.desc.nullslast,id` as ORDER BY. */
export function orderSql(relation: Relation, order: string | null): string | null {
  if (order === null || order === "") return "";
  const terms: string[] = [];
  for (const entry of order.split(",")) {
    const parts = /^([A-Za-z_][A-Za-z0-9_]*)(?:\.(asc|desc))?(?:\.nulls(first|last))?$/.exec(entry);
    if (!parts?.[1] || !relation.columns.has(parts[1])) return null;
    const direction = parts[2] ? ` ${parts[2]}` : "";
    const nulls = parts[3] ? ` nulls ${parts[3]}` : "";
    terms.push(`${quote(parts[1])}${direction}${nulls}`);
  }
  return ` order by ${terms.join(", ")}`;
}

/** A page of a result. */
export interface Page {
  sql: string;
  offset: number;
}

/**
 * LIMIT and OFFSET. The limit stands in the text, since a planner that does not know it expects a tenth of the
 * table and walks past the index; clients use few different ones. The offset is bound: clients use many.
 */
export function pageSql(params: URLSearchParams, maxRows: number, binder: Binder): Page | null {
  const limit = readCount(params.get("limit"));
  const offset = readCount(params.get("offset"));
  if (limit === null || offset === null) return null;
  const rows = Math.min(limit ?? Number.POSITIVE_INFINITY, maxRows > 0 ? maxRows : Number.POSITIVE_INFINITY);
  // `limit=0` has answers of its own.
  if (rows === 0) return null;
  const limitSql = Number.isFinite(rows) ? ` limit ${rows}` : "";
  const offsetSql = offset ? ` offset ${binder.bind(String(offset))}` : "";
  return { sql: limitSql + offsetSql, offset: offset ?? 0 };
}

function readCount(text: string | null): number | undefined | null {
  if (text === null) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** Whether a parameter that may come once comes once: a repeated one is lite's to judge. */
export function isSingle(params: URLSearchParams): boolean {
  for (const name of reserved) if (params.has(name) && params.getAll(name).length > 1) return false;
  return true;
}
