import { type Admin, createAdmin } from "./admin.ts";
import { type Authenticate, admit, type Caller, type CallerKind, createAuthenticate } from "./auth.ts";
import { type Cors, createCors } from "./cors.ts";
import { type BodyRules, readBody } from "./door.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { createLimit, type Limit, type Rate } from "./limits.ts";
import { createLog, describeError, type Log } from "./log.ts";
import { Problem, problemResponse } from "./problem.ts";

/** What handlers stand on; tests give their own. */
export interface Deps {
  authenticate: Authenticate;
  cors: Cors;
  limit: Limit;
  log: Log;
  /** The database as the service role, made at the first call. */
  admin(): Admin;
}

/** One call that a function offers. */
export interface Endpoint<Body> {
  name: string;
  method: "POST" | "GET";
  callers: readonly CallerKind[];
  rate: Rate;
  /** Absent where no body is read. */
  body?: BodyRules<Body>;
  /** What it returns is the JSON of the answer, unless it is a Response already. */
  handle(input: Input<Body>): Promise<unknown>;
}

export interface Input<Body> {
  body: Body;
  caller: Caller;
  request: Request;
  requestId: string;
  deps: Deps;
}

export type Handler = (request: Request) => Promise<Response>;

/** Makes the dependencies from the environment of a function. */
export function createDeps(get: (name: string) => string | undefined, fetcher: typeof fetch = fetch): Deps {
  const environment: Environment = readEnvironment(get);
  let made: Admin | null = null;
  const admin = () => {
    made ??= createAdmin(environment, fetcher);
    return made;
  };
  return {
    authenticate: createAuthenticate(environment),
    cors: createCors(environment.allowedOrigins),
    limit: createLimit(admin),
    log: createLog(),
    admin,
  };
}

/**
 * A request handler: CORS, method, who calls, how often, what is sent, in this order; then the endpoint itself.
 * Whatever goes wrong is answered as a problem with the request's id, and what was not foreseen says nothing more.
 */
export function createHandler<Body>(endpoint: Endpoint<Body>, deps: Deps): Handler {
  return async (request) => {
    const began = performance.now();
    const requestId = requestIdOf(request);
    const preflight = deps.cors.preflight(request);
    if (preflight) return preflight;
    const end: Ending = { caller: "unknown" };
    const response = await answer(endpoint, deps, request, requestId, end).catch((error: unknown) => {
      const problem = asProblem(error, deps.log, requestId);
      end.code = problem.code;
      return problemResponse(problem, requestId);
    });
    response.headers.set("x-request-id", requestId);
    deps.log.info("handled", {
      requestId,
      function: endpoint.name,
      method: request.method,
      status: response.status,
      ms: Math.round(performance.now() - began),
      ...end,
    });
    return deps.cors.apply(request, response);
  };
}

/** What the log says of a request's end. */
interface Ending {
  caller: string;
  code?: string;
}

async function answer<Body>(
  endpoint: Endpoint<Body>,
  deps: Deps,
  request: Request,
  requestId: string,
  end: Ending,
): Promise<Response> {
  if (request.method !== endpoint.method)
    throw new Problem(405, "USAGE_REQUEST", `The method is ${request.method}, want ${endpoint.method}`, {
      rule: endpoint.method,
      headers: { allow: `${endpoint.method}, OPTIONS` },
    });
  const caller = await deps.authenticate(request);
  end.caller = caller.kind;
  admit(caller, endpoint.callers);
  await deps.limit(endpoint.name, endpoint.rate, caller, request);
  const body = endpoint.body ? await readBody(request, endpoint.body) : (undefined as Body);
  const result = await endpoint.handle({ body, caller, request, requestId, deps });
  // Made anew: headers of one that was fetched or moved (Response.redirect) cannot be written.
  return result instanceof Response ? new Response(result.body, result) : Response.json(result);
}

function asProblem(error: unknown, log: Log, requestId: string): Problem {
  if (error instanceof Problem) {
    if (error.status >= 500)
      log.error("failed", { requestId, code: error.code, ...describeError(error.cause) });
    return error;
  }
  log.error("failed", { requestId, ...describeError(error) });
  return new Problem(500, "NETWORK_SERVER", "The function could not do its work");
}

/** The gateway's id where it is harmless, so that its log and ours can be laid side by side. */
function requestIdOf({ headers }: Request): string {
  const given = headers.get("x-request-id") ?? headers.get("sb-request-id") ?? "";
  return /^[\w.-]{8,100}$/.test(given) ? given : crypto.randomUUID();
}
