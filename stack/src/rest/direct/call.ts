import type { Relation, Routine } from "../database/catalog.ts";
import { isSingle, orderSql, pageSql, selectSql, whereSql } from "./clauses.ts";
import type { Plan } from "./plan.ts";
import type { DirectRequest } from "./request.ts";
import { Binder, quote } from "./sql.ts";

/**
 * `POST /rpc/goal_create` with named arguments: each takes its value from the body, in the parameter's type.
 * @param relation the one whose rows the function gives, by whose columns they can be chosen and ordered
 */
export function planCall(
  request: DirectRequest,
  routine: Routine,
  relation: Relation | null,
  body: string,
  maxRows: number,
): Plan | null {
  const { params, prefer, singular } = request;
  if (prefer.ignoreDuplicates || prefer.missingDefault || singular) return null;
  const given = argumentNames(body);
  if (!given || !fits(routine, given)) return null;
  const binder = new Binder();
  const call = callSql(routine, given, body, binder);
  const { returns } = routine;
  if (returns === "rows") return planRows(params, relation, call, binder, maxRows);
  if (params.size > 0) return null;
  const cut = returns === "values" && maxRows > 0 ? ` limit ${maxRows}` : "";
  const from = returns.startsWith("value")
    ? `(select ${result} from ${call}${cut}) r (r)`
    : `(select ${result}.* from ${call}) r`;
  const text = `select ${bodySql[returns]}, count(*), ${shaping} from ${from}`;
  return { text, values: binder.values, kind: "call", offset: 0, returns };
}

/** Rows of a function, filtered, ordered and paged as those of its relation are. */
function planRows(
  params: URLSearchParams,
  relation: Relation | null,
  call: string,
  binder: Binder,
  maxRows: number,
): Plan | null {
  if (params.size > 0 && (!relation?.isPlain || !isSingle(params))) return null;
  if (params.has("columns") || params.has("on_conflict")) return null;
  const chosen = relation ?? anyRelation;
  const select = selectSql(chosen, params.get("select"));
  const where = whereSql(chosen, params, binder);
  const order = orderSql(chosen, params.get("order"));
  const page = pageSql(params, maxRows, binder);
  if (select === null || where === null || order === null || page === null) return null;
  const rows = `select ${select} from (select ${result}.* from ${call}) s${where}${order}${page.sql}`;
  const text = `select ${bodySql.rows}, count(*), ${shaping} from (${rows}) r`;
  return { text, values: binder.values, kind: "call", offset: page.offset, returns: "rows" };
}

/** Stands for rows that are of no relation, of which no column can be named. */
const anyRelation: Relation = { schema: "", name: "", columns: new Map(), primaryKey: [], isPlain: true };

function argumentNames(body: string): string[] | null {
  if (body === "") return [];
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : null;
  } catch {
    return null;
  }
}

/** Every argument is a parameter and every parameter without a default has its argument. */
function fits({ parameters }: Routine, given: readonly string[]): boolean {
  if (!given.every((name) => parameters.has(name))) return false;
  return [...parameters.values()].every(({ name, optional }) => optional || given.includes(name));
}

/** Names of the arguments and of the result within a statement, which no parameter can have. */
const input = '"#arguments"';
const result = '"#result"';

function callSql(routine: Routine, given: readonly string[], body: string, binder: Binder): string {
  const name = `${quote(routine.schema)}.${quote(routine.name)}`;
  if (given.length === 0) return `${name}() ${result}`;
  const typed = given.map((argument) => `${quote(argument)} ${routine.parameters.get(argument)?.type}`);
  const passed = given.map((argument) => `${quote(argument)} => ${input}.${quote(argument)}`);
  const record = `json_to_record(${binder.bind(body)}::json) as ${input} (${typed.join(", ")})`;
  return `${record}, lateral ${name}(${passed.join(", ")}) ${result}`;
}

/** What a function may have set to shape its answer; read after it has run, in the same statement. */
const shaping = "current_setting('response.status', true), current_setting('response.headers', true)";

const bodySql: Record<Routine["returns"], string> = {
  void: "null",
  value: "coalesce((json_agg(r.r) -> 0)::text, 'null')",
  values: "coalesce(json_agg(r.r), '[]')",
  row: "coalesce((json_agg(r.*) -> 0)::text, 'null')",
  rows: "coalesce(json_agg(r.*), '[]')",
};
