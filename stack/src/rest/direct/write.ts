import type { Relation } from "../database/catalog.ts";
import { isSingle, selectSql, whereSql } from "./clauses.ts";
import { oneRowOrFail, type Plan } from "./plan.ts";
import type { DirectRequest, Preferences } from "./request.ts";
import { Binder, quote } from "./sql.ts";

/** Parameters that mean something else, or nothing, on a write. */
const notOnWrites = ["order", "limit", "offset"];

/** `POST /tasks`: the body goes to Postgres as it came, so that its numbers stay exact. */
export function planInsert(request: DirectRequest, relation: Relation, body: string): Plan | null {
  const { params, prefer } = request;
  if (!isPlainWrite(params) || !onlyReserved(params)) return null;
  const columns = insertColumns(params.get("columns"), body);
  if (!columns || columns.names.length === 0 || (prefer.missingDefault && !columns.isComplete)) return null;
  const binder = new Binder();
  const input = inputSql(relation, columns.names, columns.isList ? body : `[${body}]`, binder);
  const conflict = prefer.ignoreDuplicates ? conflictSql(relation, params.get("on_conflict")) : "";
  if (input === null || conflict === null) return null;
  if (!prefer.ignoreDuplicates && params.has("on_conflict")) return null;
  const names = columns.names.map(quote).join(", ");
  const statement = `insert into ${target(relation)} (${names}) select ${names} from ${input}${conflict}`;
  return finish("insert", request, relation, statement, binder);
}

/** `PATCH /tasks?id=eq.…`. Without a filter it is refused, by lite. */
export function planUpdate(request: DirectRequest, relation: Relation, body: string): Plan | null {
  const { params, prefer } = request;
  if (!isPlainWrite(params) || !isPlainPrefer(prefer) || params.has("on_conflict")) return null;
  const names = objectKeys(parse(body));
  if (!names || names.length === 0 || params.has("columns")) return null;
  const binder = new Binder();
  const input = inputSql(relation, names, `[${body}]`, binder);
  const where = whereSql(relation, params, binder);
  if (input === null || !where) return null;
  // The body's columns get names that no filter can mean.
  const set = names.map((name, place) => `${quote(name)} = b."#${place}"`).join(", ");
  const picked = names.map((name, place) => `${quote(name)} as "#${place}"`).join(", ");
  const statement = `update ${target(relation)} set ${set} from (select ${picked} from ${input}) b${where}`;
  return finish("update", request, relation, statement, binder);
}

/** `DELETE /tasks?id=eq.…`. Without a filter it is refused, by lite. */
export function planDelete(request: DirectRequest, relation: Relation): Plan | null {
  const { params, prefer } = request;
  if (!isPlainWrite(params) || !isPlainPrefer(prefer)) return null;
  if (params.has("columns") || params.has("on_conflict")) return null;
  const binder = new Binder();
  const where = whereSql(relation, params, binder);
  return where
    ? finish("delete", request, relation, `delete from ${target(relation)}${where}`, binder)
    : null;
}

const target = (relation: Relation) => `${quote(relation.schema)}.${quote(relation.name)}`;

function finish(
  kind: "insert" | "update" | "delete",
  { prefer, params, singular }: DirectRequest,
  relation: Relation,
  statement: string,
  binder: Binder,
): Plan | null {
  if (prefer.returns !== "representation") {
    return singular ? null : { text: statement, values: binder.values, kind, offset: 0 };
  }
  // On an update the columns of the body are in sight too, and are not meant by `*`.
  const returning = selectSql(relation, params.get("select"), `${quote(relation.name)}.*`);
  if (returning === null) return null;
  const body = singular ? "json_agg(w.*) -> 0" : "coalesce(json_agg(w.*), '[]')";
  const count = singular ? oneRowOrFail((value) => binder.bind(value)) : "count(*)";
  const text = `with w as (${statement} returning ${returning}) select ${body}, ${count} from w`;
  return { text, values: binder.values, kind, offset: 0 };
}

function isPlainWrite(params: URLSearchParams): boolean {
  return isSingle(params) && !notOnWrites.some((name) => params.has(name));
}

/** Nothing that means an insert. */
const isPlainPrefer = (prefer: Preferences) => !prefer.ignoreDuplicates && !prefer.missingDefault;

function onlyReserved(params: URLSearchParams): boolean {
  for (const key of params.keys()) if (!["select", "columns", "on_conflict"].includes(key)) return false;
  return true;
}

/** The rows of the body as a table whose columns have the types that the relation gives them. */
function inputSql(relation: Relation, names: readonly string[], body: string, binder: Binder): string | null {
  const typed: string[] = [];
  for (const name of names) {
    const column = relation.columns.get(name);
    if (!column) return null;
    typed.push(`${quote(name)} ${column.type}`);
  }
  return `json_to_recordset(${binder.bind(body)}::json) as _ (${typed.join(", ")})`;
}

function conflictSql(relation: Relation, wanted: string | null): string | null {
  const names = wanted === null ? relation.primaryKey : wanted.split(",");
  if (names.length === 0 || !names.every((name) => relation.columns.has(name))) return null;
  return ` on conflict (${names.map(quote).join(", ")}) do nothing`;
}

interface InsertColumns {
  names: string[];
  isList: boolean;
  /** Every row has a value, or null, for each of the columns. */
  isComplete: boolean;
}

/** Which columns a body fills: what `columns` says, or the keys that all its rows share. */
function insertColumns(wanted: string | null, body: string): InsertColumns | null {
  const value = parse(body);
  const isList = Array.isArray(value);
  const rows = (isList ? value : [value]).map(objectKeys);
  const [first] = rows;
  if (!first || !rows.every((keys) => keys !== null)) return null;
  const names = wanted === null ? first : unquoted(wanted);
  const isComplete = rows.every((keys) => hasAll(keys, names));
  const isUniform = isComplete && rows.every((keys) => keys.length === names.length);
  return wanted === null && !isUniform ? null : { names, isList, isComplete };
}

function hasAll(keys: readonly string[], names: readonly string[]): boolean {
  const set = new Set(keys);
  return names.every((name) => set.has(name));
}

/** `"title","rank"` */
const unquoted = (names: string) => [
  ...new Set(names.split(",").map((name) => name.replace(/^"(.*)"$/, "$1"))),
];

function objectKeys(value: unknown): string[] | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : null;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
