import pg from "pg";
import type { Caller, Command, Key, Outcome, Row, TableExpectations } from "./expectations.ts";
import { personOf, type World } from "./world.ts";

/** The commands of the matrix, and `update all`: an update without a condition, which only SQL can send. */
export type Statement = Command | "update all";
export const statements: readonly Statement[] = ["select", "insert", "update", "delete", "update all"];

/** A row to act upon and a row to insert, made before the policies are touched. */
export interface Prepared {
  key: Key;
  row: Row;
}

/**
 * Gives one command as REST would, role and claims set, on a connection that is inside a transaction, and undoes
 * whatever it did.
 * @returns the rows that it touched, or the SQLSTATE that refused it
 */
export async function tryStatement(
  world: World,
  table: TableExpectations,
  statement: Statement,
  caller: Caller,
  prepared: Prepared,
): Promise<Outcome> {
  const { db } = world.stack;
  await db.query("savepoint cell");
  try {
    await become(world, caller);
    const { text, values } = sqlOf(table, statement, prepared);
    const { rowCount } = await db.query(text, values);
    return String(rowCount);
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code ?? "";
    throw error;
  } finally {
    await db.query("rollback to savepoint cell");
  }
}

/** Puts on a caller's role and claims, as PostgREST does, until the transaction or savepoint ends. */
export async function become(world: World, caller: Caller): Promise<void> {
  const person = personOf(world, caller);
  const role = person ? "authenticated" : caller === "service" ? "service_role" : "anon";
  const claims = person ? { role, sub: person.id, session_id: person.sessionId } : { role };
  await world.stack.db.query(
    "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
    [role, JSON.stringify(claims)],
  );
}

function sqlOf(
  { name, update }: TableExpectations,
  statement: Statement,
  { key, row }: Prepared,
): { text: string; values: unknown[] } {
  const table = `public.${name}`;
  const where = Object.keys(key)
    .map((column, at) => `${column} = $${at + 1}`)
    .join(" and ");
  const found = Object.values(key);
  // The value is bound: an expression that reads a column would need the right to read it.
  const set = (from: number) =>
    Object.keys(update)
      .map((column, at) => `${column} = $${from + at}`)
      .join(", ");
  const columns = Object.keys(row);
  switch (statement) {
    case "select":
      return { text: `select from ${table} where ${where}`, values: found };
    case "insert":
      return {
        text: `insert into ${table} (${columns}) values (${columns.map((_, at) => `$${at + 1}`)})`,
        values: Object.values(row),
      };
    case "update":
      return {
        text: `update ${table} set ${set(found.length + 1)} where ${where}`,
        values: [...found, ...Object.values(update)],
      };
    case "update all":
      return { text: `update ${table} set ${set(1)}`, values: Object.values(update) };
    case "delete":
      return { text: `delete from ${table} where ${where}`, values: found };
  }
}
