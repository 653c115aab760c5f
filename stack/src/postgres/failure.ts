import pg from "pg";

/** What a statement of a file failed with: the line where the server tells, its words, code, detail and hint. */
export function describeFailure(cause: unknown, sql: string): string {
  if (!(cause instanceof pg.DatabaseError))
    return `: ${cause instanceof Error ? cause.message : String(cause)}`;
  const line = cause.position ? lineAt(sql, Number(cause.position)) : null;
  const more = [cause.detail, cause.hint, cause.where?.split("\n")[0]].filter(Boolean).join(" ");
  return `${line ? `, line ${line}` : ""}: ${cause.message} (${cause.code})${more ? ` ${more}` : ""}`;
}

// The server counts characters, where JavaScript counts UTF-16 units.
const lineAt = (sql: string, position: number) =>
  Array.from(sql)
    .slice(0, position)
    .filter((character) => character === "\n").length + 1;
