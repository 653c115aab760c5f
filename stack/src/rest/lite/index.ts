import { App, type IntrospectResult } from "@supabase/lite";
import type pg from "pg";
import { errorReply, type Reply } from "../error-reply.ts";
import { prefix, type RestInput } from "../input.ts";
import type { RequestFacts } from "../settings.ts";
import { currentRequest, LiteConnection } from "./connection.ts";
import { markNumbers, unmarkNumbers } from "./exact.ts";
import { introspectExposed } from "./introspection.ts";
import { refuseNames } from "./names.ts";
import { liteQuery } from "./query.ts";

export interface LiteOptions {
  client: pg.ClientConfig;
  adminDatabaseUrl: string;
  schemas: readonly string[];
  extraSearchPath: readonly string[];
  maxRows: number;
}

/** PostgREST's whole grammar, by Supabase's own lite; corrected from outside, never forked. */
export interface Lite {
  answer(input: RestInput, facts: RequestFacts): Promise<Reply>;
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
  const connection = new LiteConnection({ client: options.client, introspect });
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
    async answer(input, facts) {
      const refused = refuseNames(input.query);
      if (refused) return refused;
      const isCall = input.path.startsWith("/rpc/") && input.method !== "POST";
      const query = liteQuery(input.query, isCall);
      if (query === null) return errorReply(400, "PGRST100", "failed to parse filter: quote its value");
      return toReply(
        await currentRequest.run({ facts, updated: false }, () => app.fetch(toRequest(input, query))),
      );
    },
    clear() {
      known = null;
    },
    close: () => connection.close(),
  };
}

/**
 * lite prints whole errors, with the callers' values in them. Theirs are answered, not printed; everybody
 * else's `console.error` stays what it is.
 */
function silenceErrors(): void {
  const print = console.error;
  console.error = (...words: unknown[]) => {
    if (!currentRequest.getStore()) print(...words);
  };
}
silenceErrors();

/**
 * The request as lite is to see it: without credentials, which the gateway has already turned into a role,
 * without `Prefer: tx`, which hosted ignores, and with its numbers safe from rounding.
 */
function toRequest({ method, path, headers, body }: RestInput, query: string): Request {
  const kept = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" && !dropped.has(name)) kept.set(name, value);
  }
  const prefer = kept.get("prefer");
  if (prefer !== null) kept.set("prefer", countedExactly(withoutTransactionEnd(prefer)));
  const init: RequestInit = { method, headers: kept };
  if (method !== "GET" && method !== "HEAD" && body.length > 0)
    init.body = exactBody(body, headers["content-type"]);
  // lite takes the arguments of a HEAD call for filters; the body of the answer is dropped further out.
  if (method === "HEAD" && path.startsWith("/rpc/")) init.method = "GET";
  return new Request(`http://rest${prefix}${path}${query}`, init);
}

/** Credentials, and what belongs to the connection. */
const dropped = new Set([
  "authorization",
  "apikey",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
]);

const withoutTransactionEnd = (prefer: string) =>
  prefer
    .split(",")
    .filter((token) => !/^\s*tx=/i.test(token))
    .join(",");

/**
 * A planner's estimate comes from statistics of the whole table and would tell how many rows others have: every
 * count is exact, of the rows that the caller may see.
 */
const countedExactly = (prefer: string) => prefer.replace(/\bcount=(?:planned|estimated)\b/gi, "count=exact");

function exactBody(body: Buffer, type = "application/json"): string | Uint8Array<ArrayBuffer> {
  return /json/i.test(type) ? markNumbers(body.toString("utf8")) : new Uint8Array(body);
}

/** lite's answer with its numbers written out. CORS is the gateway's, and the place of an answer nobody reads. */
async function toReply(response: Response): Promise<Reply> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) {
    if (!name.startsWith("access-control-") && name !== "content-length" && name !== "content-location") {
      headers[name] = unmarkNumbers(value);
    }
  }
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText = /json|csv|text/i.test(headers["content-type"] ?? "");
  return { status: response.status, headers, body: isText ? unmarkNumbers(bytes.toString("utf8")) : bytes };
}
