import pg from "pg";
import type { Caller, Outcome } from "../expectations.ts";
import { become } from "../over-sql.ts";
import type { World } from "../world.ts";

/** What Realtime asks of Postgres: whether a row of a topic can be read, or put there, by somebody who asks for it. */
export interface Question {
  command: "select" | "insert";
  /** What `realtime.topic()` says. */
  asked: string;
  /** The row's own topic: Realtime makes it the same. */
  topic: string;
  extension: string;
}

/**
 * Asks as Realtime does, on a connection that is inside a transaction, and undoes it.
 * @returns how many rows were seen or put there, or the SQLSTATE that refused it
 */
export async function ask(world: World, caller: Caller, question: Question): Promise<Outcome> {
  const { db } = world.stack;
  const { command, asked, topic, extension } = question;
  const id = crypto.randomUUID();
  const insert = "insert into realtime.messages (id, topic, extension, private) values ($1, $2, $3, true)";
  await db.query("savepoint question");
  try {
    if (command === "select") await db.query(insert, [id, topic, extension]);
    await become(world, caller);
    await db.query("select set_config('realtime.topic', $1, true)", [asked]);
    const { rowCount } =
      command === "select"
        ? await db.query("select from realtime.messages where id = $1", [id])
        : await db.query(insert, [id, topic, extension]);
    return String(rowCount);
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code ?? "";
    throw error;
  } finally {
    await db.query("rollback to savepoint question");
  }
}
