import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { parseCsv } from "./csv.ts";
import { CSV_COLUMNS, FIELDS, fromCell, KEPT, type Kind } from "./fields.ts";
import type { TransferFormat } from "./types.ts";

/** A row of an import before it is checked. */
export interface Candidate {
  line: number;
  kind: Kind | null;
  /** As it was read. */
  raw: unknown;
  /** The fields to write. */
  fields: Record<string, unknown>;
  /** Why it cannot even be read, if so. */
  fault: { field?: string; rule: string } | null;
}

const ACTION = "import";

/** @throws USAGE_INVALID or USAGE_UNKNOWN_FIELD for text that is no export at all; nothing has been written then. */
export function readCandidates(text: string, format: TransferFormat | undefined): Candidate[] {
  const looksLikeJson = /^\s*[[{]/.test(text);
  return (format ?? (looksLikeJson ? "json" : "csv")) === "json" ? readJson(text) : readCsv(text);
}

function readJson(text: string): Candidate[] {
  const data = parseJson(text);
  const goals = listIn(data, "goals");
  const tasks = listIn(data, "tasks");
  return [
    ...goals.map((row, i) => fromJson("goal", row, i)),
    ...tasks.map((row, i) => fromJson("task", row, i)),
  ];
}

function parseJson(text: string): object {
  const rule = '{"goals": […], "tasks": […]}';
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === "object" && data !== null && ("goals" in data || "tasks" in data)) return data;
  } catch (cause) {
    const message = `${ACTION}: data is no JSON: ${cause instanceof Error ? cause.message : cause}`;
    throw new TrackItError("USAGE_INVALID", message, { field: "data", rule, cause });
  }
  throw invalid(ACTION, "data", text.slice(0, 80), rule);
}

function listIn(data: object, name: string): unknown[] {
  const list: unknown = Reflect.get(data, name) ?? [];
  if (Array.isArray(list)) return list;
  throw invalid(ACTION, name, list, "a list");
}

function fromJson(kind: Kind, raw: unknown, index: number): Candidate {
  const line = index + 1;
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return { line, kind, raw, fields: {}, fault: { rule: "an object" } };
  }
  const fields = Object.fromEntries(Object.entries(raw).filter(([field]) => !KEPT.includes(field)));
  return { line, kind, raw, fields, fault: null };
}

function readCsv(text: string): Candidate[] {
  const [header, ...records] = parseCsv(text);
  if (!header) throw invalid(ACTION, "data", text.slice(0, 80), "a header line and rows");
  const columns = header.cells.map((cell) => cell.trim());
  for (const column of columns) {
    if (CSV_COLUMNS.includes(column)) continue;
    const rule = `columns of ${CSV_COLUMNS.join(", ")}`;
    throw new TrackItError("USAGE_UNKNOWN_FIELD", `${ACTION}: there is no column ${column}, wanted ${rule}`, {
      field: column,
      rule,
    });
  }
  return records.map(({ line, cells, fault }) => {
    const raw = Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
    const rule = fault ?? (cells.length > columns.length ? `${columns.length} cells` : null);
    return fromRecord(line, rule === null ? raw : { ...raw, cells }, rule);
  });
}

function fromRecord(line: number, raw: Record<string, unknown>, rule: string | null): Candidate {
  // A list from elsewhere, without the column, is taken for tasks.
  const kind = raw.kind === undefined || raw.kind === "task" ? "task" : raw.kind === "goal" ? "goal" : null;
  if (rule !== null) return { line, kind, raw, fields: {}, fault: { rule } };
  if (kind === null) return { line, kind, raw, fields: {}, fault: { field: "kind", rule: "goal or task" } };
  const known: readonly string[] = FIELDS[kind];
  const used = Object.entries(raw).filter(
    ([field, cell]) => known.includes(field) || (field !== "kind" && cell !== ""),
  );
  const fields = Object.fromEntries(used.map(([field, cell]) => [field, fromCell(field, String(cell))]));
  return { line, kind, raw, fields, fault: null };
}
