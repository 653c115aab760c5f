import pg from "pg";
import type { Caller, Log } from "../../part.ts";
import { asStorageError, isPostgresError } from "./failure.ts";

/** A transaction under way. */
export interface Transaction {
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** From here on somebody else's rights hold; null: those of the tables' owner, whom no policy binds. */
  become(caller: Caller | null): Promise<void>;
}

export interface Database {
  /**
   * Runs a transaction with the caller's role and claims, as REST does; null: as the tables' owner.
   * @param operation what `storage.operation()` tells policies
   * @throws StorageError
   * @throws UnknownOutcomeError when the connection was lost at the commit
   */
  as<T>(caller: Caller | null, operation: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** One statement as the tables' owner, in one round trip: what the server itself must know. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The same as `as`, and nothing is kept: whether it may be done. */
  tryAs(caller: Caller, operation: string, work: (tx: Transaction) => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

/** The connection broke while a transaction was being committed: it may have been, or not. */
export class UnknownOutcomeError extends Error {
  override readonly name = "UnknownOutcomeError";

  constructor(cause: unknown) {
    super("Committing a transaction failed: the connection was lost on the way", { cause });
  }
}

/** Backends at most; they go when they have been idle. */
const connections = 6;
const idleMilliseconds = 20_000;

const sessionSettings =
  "-c statement_timeout=30s -c lock_timeout=10s -c search_path=storage,public,extensions";

/** @param url as supabase_storage_admin */
export function openDatabase(url: string, log: Log): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    idleTimeoutMillis: idleMilliseconds,
    connectionTimeoutMillis: 15_000,
    options: sessionSettings,
  });
  // Connections that break, idle or not, as when the server is started again: whoever waits for an answer hears of
  // it by the query, and without a listener it would end the process.
  const note = (error: Error) => log.debug("storage.connection_lost", { code: Reflect.get(error, "code") });
  pool.on("error", note);
  pool.on("connect", (client) => void client.on("error", note));
  return {
    as: (caller, operation, work) => transaction(pool, caller, operation, work, true),
    async rows(sql, values = []) {
      try {
        return (await pool.query(sql, [...values])).rows;
      } catch (error) {
        throw asStorageError(error);
      }
    },
    async tryAs(caller, operation, work) {
      await transaction(pool, caller, operation, work, false);
    },
    close: () => pool.end(),
  };
}

async function transaction<T>(
  pool: pg.Pool,
  caller: Caller | null,
  operation: string,
  work: (tx: Transaction) => Promise<T>,
  keep: boolean,
): Promise<T> {
  const client = await pool.connect().catch((error) => {
    throw asStorageError(error);
  });
  let broken = false;
  try {
    await client.query(`begin; ${settings(client, caller, operation)}`);
    const result = await work(describe(client));
    if (keep) await commit(client);
    else await client.query("rollback");
    return result;
  } catch (error) {
    broken = await client.query("rollback").then(
      () => false,
      () => true,
    );
    throw error instanceof UnknownOutcomeError ? error : asStorageError(error);
  } finally {
    client.release(broken);
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  try {
    await client.query("commit");
  } catch (error) {
    throw isPostgresError(error) && error.severity === "ERROR" ? error : new UnknownOutcomeError(error);
  }
}

function describe(client: pg.PoolClient): Transaction {
  return {
    rows: async (sql, values = []) => (await client.query(sql, [...values])).rows,
    async become(caller) {
      await client.query("select set_config('role', $1, true)", [caller?.role ?? "none"]);
    },
  };
}

/** One statement with everything that policies and triggers look at. */
function settings(client: pg.PoolClient, caller: Caller | null, operation: string): string {
  const claims = caller ? JSON.stringify({ ...caller.claims, role: caller.role }) : "";
  const values = {
    role: caller?.role ?? "none",
    "request.jwt.claims": claims,
    "storage.operation": operation,
    "storage.allow_delete_query": "true",
  };
  const calls = Object.entries(values).map(
    ([name, value]) => `set_config('${name}', ${client.escapeLiteral(value)}, true)`,
  );
  return `select ${calls.join(", ")}`;
}

/** Whoever holds the secret key; what signed URLs do is done as this, as on hosted. */
export const service: Caller = { role: "service_role", claims: { role: "service_role" }, token: null };
