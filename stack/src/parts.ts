import path from "node:path";
import { authConfig, describeEnv, hasWebApp, type Urls, urlsAt, webRoot } from "./addresses.ts";
import { createAuth } from "./auth/index.ts";
import type { ProjectConfig } from "./config/schema.ts";
import type { DataDirectory } from "./data/directory.ts";
import type { StackEnv } from "./env.ts";
import { createFunctions } from "./functions/index.ts";
import { createGateway } from "./gateway/index.ts";
import { loadKeys } from "./keys/file.ts";
import type { StackKeys } from "./keys/keys.ts";
import { createLog } from "./log.ts";
import { openLogFile } from "./log-file.ts";
import { createMail } from "./mail/index.ts";
import type { Log, Part } from "./part.ts";
import { choosePorts, type PortName } from "./ports.ts";
import { clusterPath, hasCluster } from "./postgres/cluster.ts";
import { type Database, startDatabase } from "./postgres/database.ts";
import { endOrphan } from "./postgres/orphan.ts";
import { createRealtime, type RealtimeOptions, type RealtimePart } from "./realtime/index.ts";
import { createRest } from "./rest/index.ts";
import { createScheduler } from "./scheduler/index.ts";
import { createStorage, type StorageOptions } from "./storage/index.ts";
import { createWeb } from "./web/index.ts";

/** One start: what it is about, and what has to be undone. */
export interface Start {
  project: string;
  config: ProjectConfig;
  directory: DataDirectory;
  /** What to undo, in the order in which it was done. */
  closing: (() => Promise<void>)[];
  web: boolean;
  firstPort: number | undefined;
}

export interface Started {
  env: StackEnv;
  migrated: string[];
  postgresPid(): number;
}

/** Starts every part, each on what the ones before it offer. */
export async function startParts(start: Start): Promise<Started> {
  const { config, directory, closing, project } = start;
  const withWeb = start.web && hasWebApp(project);
  const names: PortName[] = ["api", "db", "mail", "smtp", ...(withWeb ? (["web"] as const) : [])];
  const postgres = directory.file("postgres");
  // A Postgres that a killed stack has left behind holds the port that this one is to have.
  const left = await endOrphan(clusterPath(postgres));
  const ports = await choosePorts(config, names, start.firstPort);
  closing.push(() => ports.release());
  const log = openLog(start);
  log.info("stack.start", { pid: process.pid, ephemeral: directory.ephemeral });
  if (left.length > 0) log.warn("postgres.orphan", { pids: left });
  const keys = await loadKeys(directory.file("keys.json"), { mayMake: !hasCluster(postgres) });
  const database = await ports.open("db", (port) =>
    startDatabase({
      folder: postgres,
      port,
      ephemeral: directory.ephemeral,
      keys,
      project,
      config: config.db,
      closing,
      log,
    }),
  );
  const mail = await ports.open("mail", (httpPort) =>
    ports.open("smtp", (smtpPort) =>
      createMail({ smtpPort, httpPort, dataDir: directory.ephemeral ? null : directory.path, log }),
    ),
  );
  closing.push(() => mail.close());
  const urls = urlsAt({ api: ports.of("api"), mail: mail.httpPort, web: withWeb ? ports.of("web") : null });
  const parts = await createParts(start, { keys, log, urls, database, smtpPort: mail.smtpPort });
  const issuer = `${urls.api}/auth/v1`;
  const gateway = await ports.open("api", (port) => createGateway({ port, keys, parts, log, issuer }));
  closing.push(() => gateway.close());
  const scheduler = await createScheduler({
    databaseUrl: database.url("postgres"),
    workerUrl: `${urls.api}/functions/v1/worker`,
    secretKey: keys.secretKey,
    log,
  });
  closing.push(() => scheduler.close());
  if (withWeb) {
    const key = keys.publishableKey;
    const web = await ports.open("web", (port) =>
      createWeb({ root: webRoot(project), port, apiUrl: urls.api, key, log }),
    );
    closing.push(() => web.close());
  }
  return {
    env: describeEnv(keys, urls, database.url("postgres")),
    migrated: database.migrated,
    postgresPid: database.pid,
  };
}

interface Shared {
  keys: StackKeys;
  log: Log;
  urls: Urls;
  database: Database;
  smtpPort: number;
}

async function createParts(
  { project, config, directory, closing }: Start,
  { keys, log, urls, database, smtpPort }: Shared,
): Promise<Record<string, Part>> {
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
  const parts: Record<string, Part> = { "/rest/v1": rest, "/auth/v1": auth };
  if (config.realtime.enabled) {
    const realtime = await tryRealtime({
      adminDatabaseUrl: database.url("supabase_admin"),
      keys,
      config: config.realtime,
      issuer: `${urls.api}/auth/v1`,
      log,
    });
    if (realtime) {
      closing.push(() => realtime.close());
      parts["/realtime/v1"] = realtime;
    }
  }
  if (config.storage.enabled) {
    const storage = await tryStorage({
      databaseUrl: database.url("supabase_storage_admin"),
      keys,
      config: config.storage,
      folder: directory.file("storage/objects"),
      seedFrom: config.db.seed.enabled ? path.join(project, "supabase") : null,
      ephemeral: directory.ephemeral,
      log,
    });
    if (storage) {
      closing.push(() => storage.close());
      parts["/storage/v1"] = storage;
    }
  }
  if (config.edge_runtime.enabled) {
    const functions = await createFunctions({
      project,
      functions: config.functions,
      runtime: config.edge_runtime,
      keys,
      apiUrl: urls.api,
      databaseUrl: database.url("postgres"),
      stackHosts: [`127.0.0.1:${smtpPort}`],
      env: {
        TRACKIT_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
        TRACKIT_WEB_URL: urls.web ?? config.auth.site_url,
      },
      dataDir: directory.path,
      log,
    });
    closing.push(() => functions.close());
    parts["/functions/v1"] = functions;
  }
  return parts;
}

/** Everything else is worth having without it. */
async function tryRealtime(options: RealtimeOptions): Promise<RealtimePart | null> {
  try {
    return await createRealtime(options);
  } catch (error) {
    const reason = (error as Error).message;
    options.log.error("realtime.start", { reason });
    console.error(`Realtime is not served: ${reason}`);
    return null;
  }
}

/** A database of before Storage has no schema for it. */
async function tryStorage(options: StorageOptions): Promise<Part | null> {
  try {
    return await createStorage(options);
  } catch (error) {
    const reason = (error as Error).message;
    options.log.error("storage.start", { reason });
    console.error(`Storage is not served: ${reason}`);
    return null;
  }
}

function openLog({ directory, closing }: Start): Log {
  const file = openLogFile(directory.file("stack.log"));
  closing.push(async () => file.close());
  return createLog((line) => file.write(line));
}
