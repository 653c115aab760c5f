import postgres from "postgres";
import type { StackKeys } from "../keys/keys.ts";
import type { Log, Part, RequestContext } from "../part.ts";
import { createCleanup } from "./cleanup.ts";
import type { AuthContext } from "./context.ts";
import { describe } from "./describe.ts";
import { AuthError, errorResponse, unexpected } from "./errors.ts";
import { checkQuery, readBody } from "./http.ts";
import { Limits } from "./limits.ts";
import { createMailDesk } from "./mail/desk.ts";
import { createSmtpMailer, mailServer } from "./mail/smtp.ts";
import { loadTemplates } from "./mail/templates.ts";
import { Redirects } from "./redirects.ts";
import { routes } from "./routes.ts";
import type { AuthConfig } from "./settings.ts";
import { readSettings } from "./settings.ts";
import { createTokenSigner } from "./tokens.ts";
import { Turns } from "./turns.ts";

export type { AuthConfig } from "./settings.ts";

export interface AuthDeps {
  /** Signs in as supabase_auth_admin. */
  databaseUrl: string;
  keys: Pick<StackKeys, "signingKey">;
  /** `[auth]` of config.toml. */
  config: AuthConfig;
  /** Folder of the project, which the template paths of config.toml start from. */
  project: string;
  /** Port of the stack's mailbox, which takes the mail unless `[auth.email.smtp]` names a server. */
  smtpPort: number;
  /** Where clients reach this part, e.g. "http://127.0.0.1:26431/auth/v1"; the issuer of its tokens. */
  externalUrl: string;
  log: Log;
}

// Half of them may be busy with passwords. Each costs memory while it is open, so idle ones are closed.
const CONNECTIONS = 4;
const IDLE_SECONDS = 20;

function pathOf(url: URL): string {
  return url.pathname.replace(/^\/auth\/v1(?=\/|$)/, "");
}

async function answer(auth: AuthContext, request: Request, context: RequestContext): Promise<Response> {
  const url = new URL(request.url);
  const match = routes.find(request.method, pathOf(url));
  if (match === null) throw new AuthError(404, "not_found", "404 page not found");
  if (match === "method")
    throw new AuthError(405, "method_not_allowed", `Method ${request.method} is not allowed here`);
  checkQuery(url);
  const { ip, caller, log } = context;
  const body = await readBody(request);
  return match.handler(auth, { request, url, params: match.params, body, ip, caller, log });
}

// What postgres.js and Postgres say while the server is away or coming up: the caller may try again.
const AWAY = /^(CONNECTION_\w+|CONNECT_TIMEOUT|ECONN\w+|EPIPE|57P0[123])$/;

/** The refusal to answer with; whatever is none is logged, and says nothing of the inside. */
function refusalOf(error: unknown, log: Log): AuthError {
  if (error instanceof AuthError) return error;
  log.error("auth.failed", describe(error));
  const code = error instanceof Error ? String(Reflect.get(error, "code")) : "";
  if (AWAY.test(code))
    return new AuthError(503, "unexpected_failure", "The database is not available, try again");
  return unexpected("Unexpected failure, please check server logs for more information");
}

/** Makes the part that serves `/auth/v1`: GoTrue's paths, bodies and error codes for an unmodified supabase-js. */
export async function createAuth(deps: AuthDeps): Promise<Part> {
  const settings = readSettings(deps.config, deps.externalUrl);
  const templates = await loadTemplates(deps.config.email, deps.project);
  const mailer = createSmtpMailer(mailServer(deps.config.email.smtp, deps.smtpPort));
  const sql = postgres(deps.databaseUrl, {
    max: CONNECTIONS,
    idle_timeout: IDLE_SECONDS,
    onnotice: () => {},
  });
  const auth: AuthContext = {
    sql,
    settings,
    tokens: await createTokenSigner(deps.keys, settings),
    mail: createMailDesk({ settings, templates, mailer, log: deps.log }),
    limits: new Limits(settings),
    redirects: new Redirects(settings),
    usedSteps: new Map(),
    hashing: new Turns(CONNECTIONS / 2),
    cleanup: createCleanup(),
    log: deps.log,
  };
  return {
    async fetch(request, context) {
      try {
        return await answer(auth, request, context);
      } catch (error) {
        // The gateway cuts bodies short, and knows how to say so.
        if (error instanceof Error && Reflect.get(error, "code") === "BODY_TOO_LARGE") throw error;
        return errorResponse(refusalOf(error, context.log), request);
      }
    },
    async close() {
      mailer.close();
      await sql.end({ timeout: 5 });
    },
  };
}
