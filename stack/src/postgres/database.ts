import type { ProjectConfig } from "../config/schema.ts";
import type { LoginRole, StackKeys } from "../keys/keys.ts";
import type { Log } from "../part.ts";
import { bootstrap } from "./bootstrap.ts";
import { migrate } from "./migrate.ts";
import { letPostgresIn, startServer } from "./server.ts";

export interface DatabaseOptions {
  /** Folder of the cluster, the server's log and its socket. */
  folder: string;
  port: number;
  ephemeral: boolean;
  keys: StackKeys;
  /** Folder that holds `supabase/`. */
  project: string;
  config: ProjectConfig["db"];
  /** Where the server's stop is noted as soon as it runs. */
  closing: (() => Promise<void>)[];
  log: Log;
}

/** A running server whose database has every migration of the project. */
export interface Database {
  url(role: LoginRole): string;
  /** Versions of the migrations that were applied now. */
  migrated: string[];
  pid(): number;
}

/** Starts the server, prepares an empty database and applies what is pending. */
export async function startDatabase(options: DatabaseOptions): Promise<Database> {
  const { folder, port, ephemeral, keys, project, config, closing, log } = options;
  letPostgresIn(folder);
  const passwords = keys.databasePasswords;
  const server = await startServer({ folder, port, password: passwords.supabase_admin, ephemeral, log });
  closing.push(() => server.stop());
  const url = (role: LoginRole) => `postgresql://${role}:${passwords[role]}@127.0.0.1:${port}/postgres`;
  if (server.fresh) await bootstrap(url("supabase_admin"), passwords);
  const migrated = await migrate(url("postgres"), project, config);
  // Marked only now: a first start that was killed on the way begins again from nothing.
  if (server.fresh) server.markReady();
  return { url, migrated, pid: server.pid };
}
