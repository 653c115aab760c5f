import { AsyncLocalStorage } from "node:async_hooks";
import type { AnyAST, ConnectionContextOptions, IntrospectResult, VarsContext } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import { type KyselyPlugin, sql } from "kysely";
import pg from "pg";
import { outOfReachReply } from "../error-reply.ts";
import type { RequestFacts } from "../settings.ts";
import { answerTo, asObject, Refused, toResponse } from "./answers.ts";
import { bindTo } from "./bound.ts";
import { inTransaction, isOutOfReach } from "./transaction.ts";

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
    // The statement under way is told too; unheard, the event itself would end the process.
    const lost = () => {
      broken = true;
    };
    client.on("error", lost);
    try {
      return await inTransaction(client, passage.facts, () => answerWithin(client, passage, run));
    } catch (error) {
      broken ||= isOutOfReach(error);
      const answer = answerTo(error, passage.facts);
      if (answer) return answer as T;
      throw error;
    } finally {
      if (!broken) client.off("error", lost);
      client.release(broken);
    }
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

const noteUpdate = (passage: Passage): KyselyPlugin => ({
  transformQuery({ node }) {
    if (node.kind === "UpdateQueryNode") passage.updated = true;
    return node;
  },
  transformResult: async ({ result }) => result,
});

/** A function that sets `response.status` itself means to keep what it wrote. */
async function isChosen(db: Db): Promise<boolean> {
  const { rows } = await sql<{ status: string | null }>`
    select current_setting('response.status', true) as status`.execute(db);
  return Boolean(rows[0]?.status);
}
