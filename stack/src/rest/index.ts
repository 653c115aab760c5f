import pg from "pg";
import type { Log, Part, RequestContext } from "../part.ts";
import { errorReply } from "./error-reply.ts";
import { toResponse } from "./lite/connection.ts";
import type { Lite } from "./lite/index.ts";
import { type RequestFacts, searchPath } from "./settings.ts";

export interface RestOptions {
  /** As `authenticator`, which may become the API roles and nothing else. */
  databaseUrl: string;
  /** Reads the catalogs. */
  adminDatabaseUrl: string;
  config: { schemas: string[]; extra_search_path: string[]; max_rows: number };
  log: Log;
}

const prefix = "/rest/v1";

/** PostgREST's API on `/rest/v1`. */
export async function createRest(options: RestOptions): Promise<Part> {
  const { config } = options;
  let lite: Promise<Lite> | null = null;
  const startLite = async () => {
    const { createLite } = await import("./lite/index.ts");
    return createLite({
      databaseUrl: options.databaseUrl,
      adminDatabaseUrl: options.adminDatabaseUrl,
      schemas: config.schemas,
      extraSearchPath: config.extra_search_path,
      maxRows: config.max_rows,
    });
  };
  const listener = new pg.Client({ connectionString: options.databaseUrl });
  listener.on("error", () => {});
  listener.on("notification", async () => (await lite)?.clear());
  await listener.connect();
  await listener.query("listen pgrst");

  return {
    async fetch(request: Request, context: RequestContext) {
      const path = new URL(request.url).pathname.slice(prefix.length);
      if (path === "" || path === "/")
        return toResponse(errorReply(404, "PGRST125", "Invalid path specified in request URL"));
      lite ??= startLite();
      return (await lite).fetch(request, factsOf(request, path, context, config));
    },
    async close() {
      await (await lite)?.close();
      await listener.end();
    },
  };
}

function factsOf(
  request: Request,
  path: string,
  context: RequestContext,
  config: RestOptions["config"],
): RequestFacts {
  const { method, headers } = request;
  const read = method === "GET" || method === "HEAD";
  const schema = headers.get(read ? "accept-profile" : "content-profile") ?? config.schemas[0] ?? "public";
  return {
    method,
    path,
    headers: Object.fromEntries(headers),
    caller: context.caller,
    searchPath: searchPath(schema, config.extra_search_path),
    readOnly: read,
  };
}
