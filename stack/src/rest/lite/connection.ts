import { AsyncLocalStorage } from "node:async_hooks";
import type { ConnectionContextOptions, IntrospectResult, VarsContext } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import { sql } from "kysely";
import { isPostgresError, postgresErrorReply, type Reply } from "../error-reply.ts";
import { type RequestFacts, settingsSql, settingsValues } from "../settings.ts";
import { wireTypes } from "./types.ts";

/** Carries the caller of the request under way to the connection, past lite, which knows HS256 tokens only. */
export const currentRequest = new AsyncLocalStorage<RequestFacts>();

/** lite's handle of a transaction. */
type Db = Parameters<Parameters<PostgresConnection["withContext"]>[1]>[0];

interface Options {
  databaseUrl: string;
  /** The exposed part of the database, as the administrator sees it. */
  introspect: () => Promise<IntrospectResult>;
}

/** Connections that requests outside the fast path share. */
const poolSize = 4;
const idleSeconds = 10;

/**
 * lite's Postgres connection, corrected: the role, claims and request facts are set as PostgREST sets them in
 * a transaction per request, errors of Postgres are answered in PostgREST's words, and an answer that refuses
 * undoes what its statements did. Catalogs are read by the administrator; lite itself never sees more than
 * `authenticator` may.
 */
export class LiteConnection extends PostgresConnection {
  readonly #introspect: () => Promise<IntrospectResult>;

  constructor({ databaseUrl, introspect }: Options) {
    super({
      url: databaseUrl,
      postgresOptions: {
        max: poolSize,
        idle_timeout: idleSeconds,
        types: wireTypes,
        onnotice: () => {},
        connection: { application_name: "rest" },
      },
    });
    this.#introspect = introspect;
  }

  override introspect(): Promise<IntrospectResult> {
    return this.#introspect();
  }

  override async withContext<T>(
    _vars: VarsContext | undefined,
    run: (db: Db) => Promise<T>,
    _options?: ConnectionContextOptions,
  ): Promise<T> {
    const facts = currentRequest.getStore();
    if (!facts) throw new Error("Running a REST statement failed: no request is under way");
    try {
      return await this.kysely.transaction().execute(async (transaction) => {
        await applySettings(transaction, facts);
        const answer = await run(transaction);
        if (answer instanceof Response && answer.status >= 400 && !(await isChosen(transaction))) {
          throw new Refused(answer);
        }
        return answer;
      });
    } catch (error) {
      if (error instanceof Refused) return error.answer as T;
      if (isPostgresError(error)) return toResponse(postgresErrorReply(error, facts.caller.role)) as T;
      throw error;
    }
  }
}

/** Rolls the transaction back and carries the answer out of it. */
class Refused extends Error {
  readonly answer: Response;

  constructor(answer: Response) {
    super("refused");
    this.answer = answer;
  }
}

async function applySettings(db: Db, facts: RequestFacts): Promise<void> {
  const pieces = settingsSql.split(/\$\d+/);
  await sql(Object.assign(pieces, { raw: pieces }), ...settingsValues(facts)).execute(db);
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
