import type { Database } from "../access/database.ts";
import { literal } from "../access/database.ts";
import type { Value } from "../feed/changes.ts";
import type { Table, TableColumn } from "./table.ts";

/** Kinds that only Postgres can say in JSON. */
const foreign = new Set(["array", "composite"]);
const numbers = new Set(["int2", "int4", "int8", "oid", "float4", "float8", "numeric"]);

/** A row as JSON, with the values that Postgres' `to_jsonb` gives; columns that the WAL does not tell are missing. */
export async function toJson(
  database: Database,
  table: Table,
  row: Record<string, Value>,
): Promise<Record<string, unknown>> {
  const json: Record<string, unknown> = Object.create(null);
  const asked: [TableColumn, string][] = [];
  for (const column of table.columns) {
    const text = row[column.name];
    if (text === undefined) continue;
    if (text !== null && foreign.has(column.kind) && text !== "{}") asked.push([column, text]);
    json[column.name] = text === null ? null : jsonOf(column, text);
  }
  if (asked.length > 0) Object.assign(json, await ask(database, asked));
  return json;
}

function jsonOf({ kind }: TableColumn, text: string): unknown {
  if (kind === "bool") return text === "t";
  if (numbers.has(kind)) return Number.isFinite(Number(text)) ? Number(text) : text;
  if (kind === "json" || kind === "jsonb") return JSON.parse(text);
  if (kind === "timestamp" || kind === "timestamptz") return isoTime(text);
  return kind === "array" && text === "{}" ? [] : text;
}

/** `2026-01-02 03:04:05.6+00` as `2026-01-02T03:04:05.6+00:00`; `infinity` and `BC` stay. */
function isoTime(text: string): string {
  return text.replace(" ", "T").replace(/([+-]\d\d)( BC)?$/, "$1:00$2");
}

async function ask(database: Database, asked: [TableColumn, string][]): Promise<Record<string, unknown>> {
  const values = asked.map(
    ([{ sqlType }, text], index) => `to_jsonb(${literal(text)}::${sqlType}) as v${index}`,
  );
  const [row] = await database
    .query<Record<string, unknown>>(`select ${values.join(", ")}`)
    .catch((error: { code?: string }) => {
      // A type that was dropped since, or whose values Postgres does not take any more, stays the text that it was.
      if (/^(?:42|22|23)/.test(error.code ?? "")) return [];
      throw error;
    });
  return Object.fromEntries(asked.map(([{ name }, text], index) => [name, row ? row[`v${index}`] : text]));
}
