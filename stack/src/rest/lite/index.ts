import { App, type IntrospectResult } from "@supabase/lite";
import type { RequestFacts } from "../settings.ts";
import { currentRequest, LiteConnection } from "./connection.ts";
import { markNumbers, unmarkNumbers } from "./exact.ts";
import { introspectExposed } from "./introspection.ts";

export interface LiteOptions {
  databaseUrl: string;
  adminDatabaseUrl: string;
  schemas: readonly string[];
  extraSearchPath: readonly string[];
  maxRows: number;
}

/** PostgREST's whole grammar, by Supabase's own lite; corrected from outside, never forked. */
export interface Lite {
  fetch(request: Request, facts: RequestFacts): Promise<Response>;
  /** Forgets what is known of the database. */
  clear(): void;
  close(): Promise<void>;
}

export function createLite(options: LiteOptions): Lite {
  let known: Promise<IntrospectResult> | null = null;
  const introspect = () => {
    known ??= introspectExposed(options.adminDatabaseUrl, options.schemas).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  const connection = new LiteConnection({ databaseUrl: options.databaseUrl, introspect });
  const app = new App({
    connection,
    api: {
      enabled: true,
      schemas: [...options.schemas],
      extra_search_path: [...options.extraSearchPath],
      max_rows: options.maxRows,
      pg_safe_update: true,
    },
    auth: { enabled: false },
    storage: { enabled: false },
    studio: { enabled: false },
    options: { server: { apiKeys: false, disableStudio: true } },
  });
  return {
    async fetch(request, facts) {
      const plain = await toPlainRequest(request);
      return toExactResponse(await currentRequest.run(facts, () => app.fetch(plain)));
    },
    clear() {
      known = null;
    },
    close: () => connection.close(),
  };
}

/**
 * The request as lite is to see it: without credentials, which the gateway has already turned into a role,
 * without `Prefer: tx`, which hosted ignores, and with its numbers safe from rounding.
 */
async function toPlainRequest(request: Request): Promise<Request> {
  const headers = new Headers(request.headers);
  headers.delete("authorization");
  headers.delete("apikey");
  const prefer = headers.get("prefer");
  if (prefer !== null) headers.set("prefer", withoutTransactionEnd(prefer));
  const init: RequestInit = { method: request.method, headers };
  if (request.body) init.body = await exactBody(request);
  return new Request(request.url, init);
}

const withoutTransactionEnd = (prefer: string) =>
  prefer
    .split(",")
    .filter((token) => !/^\s*tx=/i.test(token))
    .join(",");

async function exactBody(request: Request): Promise<string | ArrayBuffer> {
  const type = request.headers.get("content-type") ?? "application/json";
  return /json/i.test(type) ? markNumbers(await request.text()) : request.arrayBuffer();
}

/** lite's answer with its numbers written out, the CORS headers left to the gateway. */
async function toExactResponse(response: Response): Promise<Response> {
  const headers = new Headers();
  for (const [name, value] of response.headers) {
    if (!name.startsWith("access-control-")) headers.set(name, unmarkNumbers(value));
  }
  if (!response.body) return new Response(null, { status: response.status, headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText = /json|csv|text/i.test(headers.get("content-type") ?? "");
  const body = isText ? Buffer.from(unmarkNumbers(bytes.toString("utf8"))) : bytes;
  if (headers.has("content-length")) headers.set("content-length", String(body.length));
  return new Response(body, { status: response.status, headers });
}
