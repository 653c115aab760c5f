import type { Environment } from "./environment.ts";
import { Problem, type ProblemCode } from "./problem.ts";

/** Calls the database and Storage as the service role; a handler that needs it asks for it. */
export interface Admin {
  /** @throws Problem with the database's own code where it refuses, 503 where it cannot be reached */
  rpc<Result>(name: string, values: Record<string, unknown>): Promise<Result>;
  /**
   * An address under which anybody may read an object for so many seconds, from the project's root on: what the
   * project is called from outside, its caller knows.
   *
   * @throws Problem 503 where Storage cannot be reached, 500 where it refuses
   */
  sign(bucket: string, path: string, seconds: number): Promise<string>;
}

/** How long the database may take, in milliseconds. */
const patience = 15_000;

/** The database refused for a reason that does not concern the caller of the function. */
export class DatabaseRefusal extends Error {
  override readonly name = "DatabaseRefusal";
  /** SQLSTATE, or a code of PostgREST's own. */
  readonly code: string;

  constructor(status: number, code: string) {
    super(`the database answered ${status} ${code}`);
    this.code = code;
  }
}

export function createAdmin({ url, secretKeys }: Environment, fetcher: typeof fetch = fetch): Admin {
  const [key] = secretKeys;
  if (!key) throw new Error("cannot call the database: no secret key is set, want SUPABASE_SECRET_KEYS");
  const post = async (path: string, values: unknown): Promise<unknown> => {
    const answer = await fetcher(`${url}${path}`, {
      method: "POST",
      headers: { ...credentials(key), "content-type": "application/json" },
      body: JSON.stringify(values),
      signal: AbortSignal.timeout(patience),
    }).catch((cause: unknown) => {
      throw unreachable(cause);
    });
    if (!answer.ok) throw await refusalOf(answer);
    return answer.json();
  };
  return {
    rpc: async <Result>(name: string, values: Record<string, unknown>) =>
      (await post(`/rest/v1/rpc/${name}`, values)) as Result,
    async sign(bucket, path, expiresIn) {
      const { signedURL } = (await post(`/storage/v1/object/sign/${bucket}/${path}`, { expiresIn })) as {
        signedURL: string;
      };
      return `/storage/v1${signedURL}`;
    },
  };
}

/** A legacy key is a token as well, and counts as such alone; a new one must not be sent as one. */
export const credentials = (key: string): Record<string, string> =>
  key.startsWith("sb_") ? { apikey: key } : { apikey: key, authorization: `Bearer ${key}` };

const unreachable = (cause: unknown) =>
  new Problem(503, "NETWORK_SERVER", "The database cannot be reached at present", { cause });

/** The refusals that concern the caller; any other is a fault of ours. */
const statuses: Partial<Record<ProblemCode, number>> = {
  AUTH_REQUIRED: 401,
  AUTH_SUSPENDED: 403,
  AUTH_SECOND_FACTOR: 403,
  ACCESS_DENIED: 403,
  ACCESS_NOT_FOUND: 404,
  LIMIT_RATE: 429,
};

async function refusalOf(answer: Response): Promise<Problem> {
  const body = (await answer.json().catch(() => ({}))) as { message?: unknown; code?: unknown };
  const [, code, words] = /^([A-Z]+_[A-Z_]+): (.*)$/s.exec(String(body.message ?? "")) ?? [];
  const status = statuses[code as ProblemCode];
  if (status !== undefined && words !== undefined) return new Problem(status, code as ProblemCode, words);
  const sqlstate = String(body.code ?? "").slice(0, 20);
  // A statement that ran and was ended (57014, 40P01) comes as 500 with its SQLSTATE; so does a server's end (57P02).
  const ran = answer.status === 500 && /^(?!57P)[0-9A-Z]{5}$/.test(sqlstate);
  const answered = answer.status < 500 || ran;
  if (!answered) return unreachable(new Error(`HTTP ${answer.status}`));
  return new Problem(500, "NETWORK_SERVER", "The function could not do its work", {
    cause: new DatabaseRefusal(answer.status, sqlstate),
  });
}
