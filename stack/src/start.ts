import { appendFileSync, existsSync } from "node:fs";
import path from "node:path";
import { createAuth } from "./auth/index.ts";
import type { DeepPartial } from "./config/merge.ts";
import { readConfig } from "./config/project.ts";
import type { ProjectConfig } from "./config/schema.ts";
import { type DataDirectory, inPlainWords, takeDataDirectory } from "./data-directory.ts";
import type { StackEnv } from "./env.ts";
import { createGateway } from "./gateway/index.ts";
import { type LoginRole, loadKeys, type StackKeys } from "./keys/keys.ts";
import { createLog } from "./log.ts";
import { createMail } from "./mail/index.ts";
import type { Log } from "./part.ts";
import { choosePorts, type Ports } from "./ports.ts";
import { bootstrap } from "./postgres/bootstrap.ts";
import { migrate } from "./postgres/migrate.ts";
import { startServer } from "./postgres/server.ts";
import { createRest } from "./rest/index.ts";
import { createWeb } from "./web/index.ts";

export interface StackOptions {
  /** Folder that holds `supabase/`; default the working directory. */
  project?: string;
  /** Data directory; default `.trackit` in the project. */
  data?: string;
  /** Data in a folder of its own that goes with the stack; default false. */
  ephemeral?: boolean;
  /** First of the ports; 0 picks free ones; default those of config.toml. */
  port?: number;
  /** Serve the web app of the project where it is built; default true. */
  web?: boolean;
  /** Run the seed files on an empty database; default true. */
  seed?: boolean;
  /** Values that win over config.toml. */
  config?: DeepPartial<ProjectConfig>;
}

/** A running stack. */
export interface Stack {
  env: StackEnv;
  /** The data directory. */
  data: string;
  /** Versions of the migrations that this start applied. */
  migrated: string[];
  /** Process id of the database server, which changes when it is killed and started again. */
  postgresPid(): number;
  /** Stops every part and gives the data directory back; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts Postgres, REST, Auth, mail and the web app of a Supabase project, and applies its migrations.
 * @throws AlreadyRunningError, PortTakenError, MigrationChangedError, or Error in plain words; nothing is left running
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const project = path.resolve(options.project ?? ".");
  const config = await readConfig(project, options.config);
  if (options.seed === false) config.db.seed.enabled = false;
  const folder = options.ephemeral ? null : path.resolve(options.data ?? path.join(project, ".trackit"));
  const directory = await takeDataDirectory(folder);
  const closing: (() => Promise<void>)[] = [() => directory.release()];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const started = await startParts({
      project,
      config,
      directory,
      closing,
      web: options.web !== false,
      options,
    });
    await directory.announce(started.env);
    return { ...started, data: directory.path, stop };
  } catch (error) {
    await stop();
    throw inPlainWords(error, directory.path);
  }
}

interface Start {
  project: string;
  config: ProjectConfig;
  directory: DataDirectory;
  /** What to undo, in the order in which it was done. */
  closing: (() => Promise<void>)[];
  web: boolean;
  options: StackOptions;
}

async function startParts(start: Start): Promise<Omit<Stack, "data" | "stop">> {
  const { config, directory, closing, project } = start;
  const log = fileLog(directory);
  const keys = await loadKeys(directory.file("keys.json"));
  const ports = await choosePorts(config, start.options.port);
  const database = await startDatabase(start, keys, ports.db, log);
  const mail = await createMail({
    smtpPort: ports.smtp,
    httpPort: ports.mail,
    dataDir: directory.ephemeral ? null : directory.path,
    log,
  });
  closing.push(() => mail.close());
  const urls = addresses(start, ports);
  const parts = await createParts(start, { keys, log, urls, database, smtpPort: mail.smtpPort });
  const gateway = await createGateway({ port: ports.api, keys, parts, log, issuer: `${urls.api}/auth/v1` });
  closing.push(() => gateway.close());
  if (urls.web) {
    const root = webRoot(project);
    const web = await createWeb({ root, port: ports.web, apiUrl: urls.api, key: keys.publishableKey, log });
    closing.push(() => web.close());
  }
  return {
    env: describeEnv(keys, urls, database.url("postgres")),
    migrated: database.migrated,
    postgresPid: database.pid,
  };
}

interface Database {
  url(role: LoginRole): string;
  migrated: string[];
  pid(): number;
}

async function startDatabase(start: Start, keys: StackKeys, port: number, log: Log): Promise<Database> {
  const { config, directory, closing, project } = start;
  const server = await startServer({
    folder: directory.file("postgres"),
    port,
    password: keys.databasePasswords.supabase_admin,
    ephemeral: directory.ephemeral,
    log,
  });
  closing.push(() => server.stop());
  const url = (role: LoginRole) =>
    `postgresql://${role}:${keys.databasePasswords[role]}@127.0.0.1:${port}/postgres`;
  if (server.fresh) await bootstrap(url("supabase_admin"), keys.databasePasswords);
  const migrated = await migrate(url("postgres"), project, config.db);
  // Marked only now: a first start that was killed on the way begins again from nothing.
  if (server.fresh) server.markReady();
  return { url, migrated, pid: server.pid };
}

interface Urls {
  api: string;
  mail: string;
  web: string | null;
}

function addresses({ project, web }: Start, ports: Ports): Urls {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  return {
    api: at(ports.api),
    mail: at(ports.mail),
    web: web && existsSync(webRoot(project)) ? at(ports.web) : null,
  };
}

const webRoot = (project: string) => path.join(project, "examples", "web", "dist");

interface Shared {
  keys: StackKeys;
  log: Log;
  urls: Urls;
  database: Database;
  smtpPort: number;
}

async function createParts(
  { project, config, closing }: Start,
  { keys, log, urls, database, smtpPort }: Shared,
) {
  const rest = await createRest({
    databaseUrl: database.url("authenticator"),
    adminDatabaseUrl: database.url("supabase_admin"),
    config: config.api,
    log,
  });
  closing.push(() => rest.close());
  const auth = await createAuth({
    databaseUrl: database.url("supabase_auth_admin"),
    keys,
    config: authConfig(config.auth, urls.web),
    project,
    smtpPort,
    externalUrl: `${urls.api}/auth/v1`,
    log,
  });
  closing.push(() => auth.close());
  return { "/rest/v1": rest, "/auth/v1": auth };
}

// Links in mails lead to the site. When the web app is served on another port than the one in config.toml, that
// is where they must lead.
function authConfig(auth: ProjectConfig["auth"], web: string | null): ProjectConfig["auth"] {
  if (web === null || auth.site_url === web) return auth;
  return {
    ...auth,
    site_url: web,
    additional_redirect_urls: [...auth.additional_redirect_urls, `${web}/**`],
  };
}

function describeEnv(keys: StackKeys, urls: Urls, databaseUrl: string): StackEnv {
  return {
    API_URL: urls.api,
    DB_URL: databaseUrl,
    PUBLISHABLE_KEY: keys.publishableKey,
    SECRET_KEY: keys.secretKey,
    ANON_KEY: keys.anonKey,
    SERVICE_ROLE_KEY: keys.serviceRoleKey,
    JWT_SECRET: keys.jwtSecret,
    MAILPIT_URL: urls.mail,
    INBUCKET_URL: urls.mail,
    ...(urls.web ? { WEB_URL: urls.web } : {}),
  };
}

// A log that cannot be written (a full disk) must not take the stack down with it.
function fileLog(directory: DataDirectory): Log {
  const file = directory.file("stack.log");
  return createLog((line) => {
    try {
      appendFileSync(file, line, { mode: 0o600 });
    } catch {}
  });
}
