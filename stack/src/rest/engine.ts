import type pg from "pg";
import type { Log, RequestContext } from "../part.ts";
import { type Catalog, readCatalog } from "./database/catalog.ts";
import { clientConfig, socketConfig } from "./database/client-config.ts";
import { type Listener, listenForReload } from "./database/listener.ts";
import { createPool, type Pool } from "./database/pool.ts";
import { createDirect, planFor } from "./direct/index.ts";
import { readRequest } from "./direct/request.ts";
import { errorReply, outOfReachReply, type Reply } from "./error-reply.ts";
import { factsOf } from "./facts.ts";
import type { RestInput } from "./input.ts";
import type { Lite } from "./lite/index.ts";

export interface EngineOptions {
  /** As `authenticator`, which may become the API roles and nothing else. */
  databaseUrl: string;
  /** Reads the catalogs. */
  adminDatabaseUrl: string;
  config: { schemas: string[]; extra_search_path: string[]; max_rows: number };
  log: Log;
}

/** Answers REST requests: the small form directly, everything else by lite, which is loaded when first needed. */
export interface Engine {
  answer(input: RestInput, context: RequestContext): Promise<Reply>;
  close(): Promise<void>;
}

/** Some wait for the disk or for a lock while others compute; unused ones go, and their memory with them. */
const poolSize = 8;
const idleSeconds = 10;

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { config, databaseUrl, adminDatabaseUrl, log } = options;
  const first = await readCatalog(adminDatabaseUrl, config.schemas);
  let catalog: Promise<Catalog> | null = Promise.resolve(first);
  let lite: Promise<Lite> | null = null;

  const readOnce = () => {
    catalog ??= readCatalog(adminDatabaseUrl, config.schemas).catch((error: unknown) => {
      catalog = null;
      throw error;
    });
    return catalog;
  };
  let pool: Pool | null = null;
  const reload = () => {
    catalog = null;
    pool?.recycle();
    lite?.then((started) => started.clear()).catch(() => {});
  };
  const { listener, client } = await listenNearest(databaseUrl, first.socketFolders, reload, log);
  const connections = createPool({ client, size: poolSize, idleSeconds });
  pool = connections;
  const direct = createDirect(connections);

  return {
    async answer(input, context) {
      const known = await readOnce().catch(() => null);
      if (!known) return outOfReachReply();
      const request = readRequest(input.method, input.path, input.query, input.headers, config.schemas);
      const facts = factsOf(input, context, config, known.timeouts);
      const body =
        request?.method === "POST" || request?.method === "PATCH" ? input.body.toString("utf8") : "";
      const plan = request && planFor(request, known, body, config.max_rows);
      if (request && plan) return direct.run(request, plan, facts);
      const missing = missingRelation(input.path, facts.schema, config.schemas, known);
      if (missing) return missing;
      if (!lite) log.info("rest loads lite", { requestId: context.requestId });
      lite ??= loadLite(options, client);
      return (await lite).answer(input, facts);
    },
    async close() {
      await listener.close();
      await connections.close();
      await (await lite)?.close();
    },
  };
}

/** Listens by Unix socket where that works, and says how it was reached, for the others to do the same. */
async function listenNearest(
  databaseUrl: string,
  socketFolders: readonly string[],
  reload: () => void,
  log: Log,
): Promise<{ listener: Listener; client: pg.ClientConfig }> {
  const tcp = clientConfig(databaseUrl);
  const socket = socketConfig(tcp, socketFolders);
  try {
    if (socket) return { listener: await listenForReload(socket, reload, log), client: socket };
  } catch {
    log.debug("rest reaches the database by TCP, its socket refused");
  }
  return { listener: await listenForReload(tcp, reload, log), client: tcp };
}

/** The answer where a path leads to no relation that is exposed; null where lite is to look. */
function missingRelation(
  path: string,
  schema: string,
  schemas: readonly string[],
  { relations }: Catalog,
): Reply | null {
  if (path === "" || path === "/")
    return errorReply(404, "PGRST125", "Invalid path specified in request URL");
  const name = relationName(path);
  if (name === null || !schemas.includes(schema) || relations.has(`${schema}.${name}`)) return null;
  return errorReply(404, "PGRST205", `Could not find the table '${schema}.${name}' in the schema cache`);
}

async function loadLite({ config, adminDatabaseUrl }: EngineOptions, client: pg.ClientConfig): Promise<Lite> {
  const { createLite } = await import("./lite/index.ts");
  return createLite({
    client,
    adminDatabaseUrl,
    schemas: config.schemas,
    extraSearchPath: config.extra_search_path,
    maxRows: config.max_rows,
  });
}

/** `/tasks` → `tasks`; null for what is deeper, such as `/rpc/…`. */
function relationName(path: string): string | null {
  try {
    return path.indexOf("/", 1) < 0 ? decodeURIComponent(path.slice(1)) : null;
  } catch {
    return null;
  }
}
