import pg from "pg";
import type { Log } from "../../part.ts";

/** Connections at most: joins and pushes are asked for in a fraction of a millisecond each. */
const connections = 4;
/** An idle stack holds none. */
const idleTimeoutMillis = 10_000;

export interface Database {
  /**
   * Runs statements in one round trip and one transaction that is never kept.
   * @param script texts of statements, whose values are already escaped
   */
  rehearse(script: string[]): Promise<pg.QueryResult[]>;
  /** @param name keeps the statement prepared under it, for what is asked with every event */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[], name?: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** @param url as `supabase_realtime_admin`, who owns `realtime.messages` and may become each API role */
export function openDatabase(url: string, log: Log): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    idleTimeoutMillis,
    connectionTimeoutMillis: 10_000,
    // As REST has it, for functions that policies call.
    options: "-c search_path=public,extensions",
    statement_timeout: 10_000,
    application_name: "realtime",
  });
  pool.on("error", (error) => log.debug("realtime.connection", { reason: error.message }));
  // A backend killed between two statements is an error of the statement, never of the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    async rehearse(script) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        const results: unknown = await client.query(["begin", ...script, "rollback"].join(";\n"));
        return results as pg.QueryResult[];
      } catch (error) {
        await client.query("rollback").catch((cause: Error) => (broken = cause));
        throw error;
      } finally {
        client.release(broken);
      }
    },
    async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = [], name?: string) {
      const { rows } = await pool.query<Row>({ text, values, ...(name ? { name } : {}) });
      return rows;
    },
    close: () => pool.end(),
  };
}

export const literal = (value: string): string => pg.escapeLiteral(value);
export const identifier = (name: string): string => pg.escapeIdentifier(name);
