/** The part of PostgREST that the outbox speaks to, over rows in memory, with a record of what was changed. */
export interface TableModel {
  handle(url: URL, method: string, body: unknown): { status: number; body: unknown };
  /** What was applied to a row, in order. */
  applied: Map<string, Record<string, unknown>[]>;
  rows: Map<string, Row>;
}

type Row = Record<string, unknown> & { id: string; version: number; deleted_at: string | null };

export function tableModel(): TableModel {
  const rows = new Map<string, Row>();
  const applied = new Map<string, Record<string, unknown>[]>();
  const note = (id: string, columns: Record<string, unknown>) =>
    applied.set(id, [...(applied.get(id) ?? []), columns]);

  const insert = (table: string, columns: Record<string, unknown>): Row[] => {
    const id = String(columns.id);
    if (rows.has(id)) return [];
    const row = {
      ...(table === "tasks" ? { goal_id: null } : {}),
      completed_at: null,
      deleted_at: null,
      ...columns,
      id,
      version: 1,
    };
    rows.set(id, row);
    note(id, columns);
    return [row];
  };

  const update = (row: Row, columns: Record<string, unknown>): Row => {
    const next = { ...row, ...columns, version: row.version + 1 };
    rows.set(row.id, next);
    note(row.id, columns);
    return next;
  };

  return {
    applied,
    rows,
    handle(url, method, body) {
      const table = url.pathname.split("/").at(-1) ?? "";
      if (url.pathname.includes("/rpc/")) return { status: 200, body: [] };
      if (method === "POST")
        return {
          status: 201,
          body: (body as Record<string, unknown>[]).flatMap((columns) => insert(table, columns)),
        };
      const found = [...rows.values()].filter((row) => matches(row, url.searchParams));
      if (method === "GET") return { status: 200, body: found };
      return { status: 200, body: found.map((row) => update(row, body as Record<string, unknown>)) };
    },
  };
}

const SHAPE = new Set(["select", "limit", "order", "on_conflict", "columns"]);

function matches(row: Row, filters: URLSearchParams): boolean {
  return [...filters].every(([column, filter]) => SHAPE.has(column) || passes(row[column], filter));
}

function passes(value: unknown, filter: string): boolean {
  if (filter === "is.null") return value === null;
  if (filter === "not.is.null") return value !== null;
  const [, operator, wanted = ""] = /^(eq|in)\.(.*)$/.exec(filter) ?? [];
  if (operator === "eq") return String(value) === wanted;
  if (operator === "in") return wanted.slice(1, -1).split(",").includes(String(value));
  throw new Error(`the model knows no filter ${filter}`);
}
