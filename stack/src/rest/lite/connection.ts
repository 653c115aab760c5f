import { AsyncLocalStorage } from "node:async_hooks";
import type { AnyAST, ConnectionContextOptions, IntrospectResult, VarsContext } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import { type KyselyPlugin, sql } from "kysely";
import { isPostgresError, notOneReply, objectType, postgresErrorReply, type Reply } from "../error-reply.ts";
import { type RequestFacts, settingsSql, settingsValues } from "../settings.ts";
import { wireTypes } from "./types.ts";

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
    const { facts } = passage;
    try {
      return await this.kysely.transaction().execute(async (transaction) => {
        await applySettings(transaction, facts);
        const answer = await run(transaction.withPlugin(noteUpdate(passage)));
        if (!(answer instanceof Response)) return answer;
        const final = facts.singular ? await asObject(answer) : answer;
        if (final.status >= 400 && !(await isChosen(transaction))) throw new Refused(final);
        return final as T;
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
  const rows: unknown = await answer.json();
  if (!Array.isArray(rows)) return Response.json(rows, answer);
  if (rows.length !== 1) return toResponse(notOneReply(rows.length));
  const headers = new Headers(answer.headers);
  headers.set("content-type", objectType);
  return new Response(JSON.stringify(rows[0]), { status: answer.status, headers });
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
