import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { readConfig } from "../../../stack/src/config/project.ts";
import { createKeys, type LoginRole } from "../../../stack/src/keys/keys.ts";
import { createLog } from "../../../stack/src/log.ts";
import { bootstrap } from "../../../stack/src/postgres/bootstrap.ts";
import { migrate } from "../../../stack/src/postgres/migrate.ts";
import { startServer } from "../../../stack/src/postgres/server.ts";

export const root = path.resolve(import.meta.dirname, "../../..");

/** A Postgres of its own, as the stack runs it, without the rest of the stack. */
export interface Database {
  /** Connection string as one of the login roles. */
  url(role: LoginRole, database?: string): string;
  /** A connection that bypasses every policy: for arranging and for looking behind the scenes. */
  admin: pg.Client;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** False leaves the database as it is after the bootstrap. */
  migrations?: boolean;
}

/** Starts Postgres, bootstraps it and applies `supabase/migrations`. */
export async function openDatabase({ migrations = true }: DatabaseOptions = {}): Promise<Database> {
  const folder = mkdtempSync(path.join(tmpdir(), "trackit-sql-"));
  const keys = await createKeys();
  const port = await freePort();
  const passwords = keys.databasePasswords;
  const url = (role: LoginRole, database = "postgres") =>
    `postgresql://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`;
  const server = await startServer({
    folder,
    port,
    password: passwords.supabase_admin,
    ephemeral: true,
    log: createLog((line) => process.stderr.write(line), "warn"),
  });
  try {
    await bootstrap(url("supabase_admin"), passwords);
    if (migrations) await migrate(url("postgres"), root, (await readConfig(root)).db);
    const admin = new pg.Client(url("supabase_admin"));
    await admin.connect();
    const close = async () => {
      await admin.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    return { url, admin, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
