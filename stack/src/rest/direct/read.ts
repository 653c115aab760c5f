import type { Relation } from "../database/catalog.ts";
import { isSingle, orderSql, pageSql, selectSql, whereSql } from "./clauses.ts";
import type { Plan } from "./plan.ts";
import type { DirectRequest } from "./request.ts";
import { Binder, quote } from "./sql.ts";

/** `GET /tasks?…` as one statement whose only row is the finished JSON and the number of its rows. */
export function planRead(request: DirectRequest, relation: Relation, maxRows: number): Plan | null {
  const { params, singular } = request;
  if (!isSingle(params) || params.has("columns") || params.has("on_conflict")) return null;
  const binder = new Binder();
  const select = selectSql(relation, params.get("select"));
  const where = whereSql(relation, params, binder);
  const order = orderSql(relation, params.get("order"));
  const page = pageSql(params, maxRows, binder);
  if (select === null || where === null || order === null || page === null) return null;
  const from = `${quote(relation.schema)}.${quote(relation.name)}`;
  const body = singular ? "json_agg(t.*) -> 0" : "coalesce(json_agg(t.*), '[]')";
  const text = `select ${body}, count(*) from (select ${select} from ${from}${where}${order}${page.sql}) t`;
  return { text, values: binder.values, kind: "read", offset: page.offset };
}
