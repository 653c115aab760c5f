import pg from "pg";
import { statementsOf } from "./statements.ts";

/** What a file failed with: the line, the server's words, code, detail and hint. */
export async function describeFailure(client: pg.Client, cause: unknown, file: string): Promise<string> {
  if (!(cause instanceof pg.DatabaseError))
    return `: ${cause instanceof Error ? cause.message : String(cause)}`;
  const line = cause.position
    ? lineAt(file, Number(cause.position))
    : await findLine(client, cause, file).catch(() => null);
  const more = [cause.detail, cause.hint, cause.where?.split("\n")[0]].filter(Boolean).join(" ");
  return `${line ? `, line ${line}` : ""}: ${cause.message} (${cause.code})${more ? ` ${more}` : ""}`;
}

// The server counts characters, where JavaScript counts UTF-16 units.
const lineAt = (file: string, position: number) =>
  Array.from(file)
    .slice(0, position)
    .filter((character) => character === "\n").length + 1;

/**
 * The line of the statement that fails. What fails while it runs (a constraint, a division by zero) has no
 * position in the file: its statements are run again one by one, and nothing of it is kept.
 */
async function findLine(client: pg.Client, cause: pg.DatabaseError, file: string): Promise<number | null> {
  const statements = statementsOf(file);
  // One that ends the transaction would keep what came before it.
  if (statements.some(({ sql }) => /^(commit|end|begin|start|rollback|abort|savepoint|release)\b/i.test(sql)))
    return null;
  try {
    await client.query("begin");
    for (const { sql, line } of statements) {
      const error = await client.query(sql).then(
        () => null,
        (failure: { code?: string }) => failure,
      );
      if (error) return error.code === cause.code ? line : null;
    }
    return null;
  } finally {
    await client.query("rollback").catch(() => {});
  }
}
