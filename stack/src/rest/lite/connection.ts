import { AsyncLocalStorage } from "node:async_hooks";
import type { AnyAST, ConnectionContextOptions, IntrospectResult, VarsContext } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import { type KyselyPlugin, sql } from "kysely";
import pg from "pg";
import { Exchange } from "../database/exchange.ts";
import {
  isPostgresError,
  notOneReply,
  objectType,
  outOfReachReply,
  postgresErrorReply,
  type Reply,
} from "../error-reply.ts";
import { type RequestFacts, settingsSql, settingsValues } from "../settings.ts";
import { bindTo } from "./bound.ts";

/** A request on its way through lite. */
interface Passage {
  facts: RequestFacts;
  /** Its UPDATE has run. */
  updated: boolean;
}

/** Carries the caller of the request under way to the connection, past lite, which knows HS256 tokens only. */
export const currentRequest = new AsyncLocalStorage<Passage>();

/** lite's handle of a transaction. */
type Db = Parameters<Parameters<PostgresConnection["withContext"]>[1]>[0];

interface Options {
  client: pg.ClientConfig;
  /** The exposed part of the database, as the administrator sees it. */
  introspect: () => Promise<IntrospectResult>;
}

/** Connections that requests outside the direct path share, and what time they stay open without any. */
const poolSize = 4;
const idleMs = 10_000;

/**
 * lite's Postgres connection, corrected: the role, claims and request facts are set as PostgREST sets them in
 * a transaction per request, errors of Postgres are answered in PostgREST's words, and an answer that refuses
 * undoes what its statements did. Catalogs are read by the administrator; lite itself never sees more than
 * `authenticator` may.
 */
export class LiteConnection extends PostgresConnection {
  readonly #introspect: () => Promise<IntrospectResult>;
  readonly #pool: pg.Pool;

  constructor({ client, introspect }: Options) {
    // lite's own driver is made and never used: it takes the process down when the server cuts a connection off.
    super({});
    this.#introspect = introspect;
    this.#pool = new pg.Pool({
      ...client,
      max: poolSize,
      idleTimeoutMillis: idleMs,
      allowExitOnIdle: true,
      application_name: "rest",
    });
    this.#pool.on("error", () => {});
  }

  override async close(): Promise<void> {
    await this.#pool.end();
  }

  override introspect(): Promise<IntrospectResult> {
    return this.#introspect();
  }

  /**
   * After an update that returns embedded rows lite reads them by their keys and, again, by the filters of the
   * request, which the update may just have made untrue (`version=eq.1`): from then on there are none.
   */
  override async onPostgrestAST(ast: AnyAST): Promise<AnyAST> {
    const passage = currentRequest.getStore();
    const { where } = await super.onPostgrestAST(ast);
    if (ast.type !== "update" || !where || !passage) return ast;
    const get = () => (passage.updated ? undefined : where);
    return Object.defineProperty({ ...ast }, "where", { enumerable: true, configurable: true, get });
  }

  override async withContext<T>(
    _vars: VarsContext | undefined,
    run: (db: Db) => Promise<T>,
    _options?: ConnectionContextOptions,
  ): Promise<T> {
    const passage = currentRequest.getStore();
    if (!passage) throw new Error("Running a REST statement failed: no request is under way");
    const client = await this.#pool.connect().catch(() => null);
    if (!client) return toResponse(outOfReachReply()) as T;
    let broken = false;
    try {
      return await inTransaction(client, passage.facts, () => answerWithin(client, passage, run));
    } catch (error) {
      broken = isOutOfReach(error);
      const answer = answerTo(error, passage.facts);
      if (answer) return answer as T;
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** BEGIN and the settings of a request in one round trip, then what is to be done, then COMMIT or ROLLBACK. */
async function inTransaction<T>(
  client: pg.ClientBase,
  facts: RequestFacts,
  run: () => Promise<T>,
): Promise<T> {
  await new Promise<void>((resolve, reject) => {
    const settings = { name: "settings", text: settingsSql, values: settingsValues(facts) };
    const begin = { name: "begin", text: "begin", values: [] };
    client.query(new Exchange([begin, settings], (error) => (error ? reject(error) : resolve())));
  });
  try {
    const answer = await run();
    await client.query("commit");
    return answer;
  } catch (error) {
    if (!isOutOfReach(error)) await client.query("rollback");
    throw error;
  }
}

async function answerWithin<T>(
  client: pg.ClientBase,
  passage: Passage,
  run: (db: Db) => Promise<T>,
): Promise<T> {
  const db: Db = bindTo(client);
  const answer = await run(db.withPlugin(noteUpdate(passage)));
  if (!(answer instanceof Response)) return answer;
  const final = passage.facts.singular ? await asObject(answer) : answer;
  if (final.status >= 400 && !(await isChosen(db))) throw new Refused(final);
  return final as T;
}

/** The answer that an error of a statement stands for; null where it is nobody's fault but ours. */
function answerTo(error: unknown, facts: RequestFacts): Response | null {
  if (error instanceof Refused) return error.answer;
  if (isOutOfReach(error)) return toResponse(outOfReachReply());
  return isPostgresError(error) ? toResponse(postgresErrorReply(error, facts.caller.role)) : null;
}

/** Whether the connection has gone: no error of Postgres at all, or the last one before it hangs up. */
function isOutOfReach(error: unknown): boolean {
  if (isPostgresError(error)) return "severity" in error && error.severity !== "ERROR";
  return (
    error instanceof Error &&
    /^Connection terminated|^Client has encountered a connection error/.test(error.message)
  );
}

/** Rolls the transaction back and carries the answer out of it. */
class Refused extends Error {
  readonly answer: Response;

  constructor(answer: Response) {
    super("refused");
    this.answer = answer;
  }
}

const noteUpdate = (passage: Passage): KyselyPlugin => ({
  transformQuery({ node }) {
    if (node.kind === "UpdateQueryNode") passage.updated = true;
    return node;
  },
  transformResult: async ({ result }) => result,
});

/** lite answers a write that returns embedded rows with a list, even where one object was asked for. */
async function asObject(answer: Response): Promise<Response> {
  if (!answer.ok || !answer.headers.get("content-type")?.startsWith("application/json")) return answer;
  const text = await answer.text();
  // A write that returns nothing, `return=minimal`.
  if (text === "") return new Response(null, answer);
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) return Response.json(rows, answer);
  if (rows.length !== 1) return toResponse(notOneReply(rows.length));
  const headers = new Headers(answer.headers);
  headers.set("content-type", objectType);
  return new Response(JSON.stringify(rows[0]), { status: answer.status, headers });
}

/** A function that sets `response.status` itself means to keep what it wrote. */
async function isChosen(db: Db): Promise<boolean> {
  const { rows } = await sql<{ status: string | null }>`
    select current_setting('response.status', true) as status`.execute(db);
  return Boolean(rows[0]?.status);
}

function toResponse(reply: Reply): Response {
  return new Response(String(reply.body), { status: reply.status, headers: reply.headers });
}
