import type { AuthContext, Call, Handler, Json } from "../context.ts";
import { AuthError, invalid, otpExpired } from "../errors.ts";
import { email, json, redirect, text } from "../http.ts";
import { issueAuthCode } from "../pkce.ts";
import { openSession } from "../session.ts";
import type { FoundToken } from "../store/one-time.ts";
import { findByCode, findByHash, PKCE_PREFIX } from "../store/one-time.ts";
import { flowMethod, kindsOf, proveOwner } from "../verify.ts";

const HALF_WAY = "Confirmation link accepted. Please proceed to confirm link sent to the other email";
const DEAD_LINK = "Email link is invalid or has expired";

/**
 * Finds the token of a typed code. Wrong guesses are counted by address, known or not; past the limit the right code
 * is refused as well, while the link in the same mail still works.
 */
async function tokenOfCode(
  auth: AuthContext,
  call: Call,
  type: string,
): Promise<FoundToken & { hash: string }> {
  if (text(call.body, "phone") !== "") {
    throw new AuthError(400, "phone_provider_disabled", "Phone provider is disabled");
  }
  const address = email(text(call.body, "email"));
  const code = text(call.body, "token").replace(/[\s-]/g, "");
  const kinds = kindsOf(type);
  // Counted before it is looked up: guesses under way at the same time are guesses too.
  if (!auth.limits.wrongCode.take(address)) throw otpExpired();
  const found = await findByCode(auth.sql, address, code, kinds);
  if (found === null) throw otpExpired();
  auth.limits.wrongCode.giveBack(address);
  return found;
}

async function tokenOfHash(
  auth: AuthContext,
  hash: string,
  type: string,
): Promise<FoundToken & { hash: string }> {
  const found = await findByHash(auth.sql, hash, kindsOf(type));
  if (found === null) throw otpExpired(DEAD_LINK);
  return { ...found, hash };
}

/** POST /verify: a code with its address, or the hash of a link, for a session. */
export const verifyPost: Handler = async (auth, call) => {
  auth.limits.request(auth.limits.verify, call.ip);
  const type = text(call.body, "type");
  const hash = text(call.body, "token_hash");
  if (type === "") throw invalid("Verify requires a verification type");
  if (text(call.body, "token") === "" && hash === "")
    throw invalid("Verify requires a token or a token hash");
  if (hash !== "" && text(call.body, "email") !== "") {
    throw invalid("Only the token_hash and type should be provided");
  }
  const token = hash === "" ? await tokenOfCode(auth, call, type) : await tokenOfHash(auth, hash, type);
  const session = await auth.sql.begin(async (tx) => {
    const { user } = await proveOwner(auth, tx, call, token);
    return user === null ? null : openSession(auth, tx, call, { user, method: "otp" });
  });
  return json(session ?? { code: "200", msg: HALF_WAY });
};

/** What the fragment of the page's address says after a link that failed. */
function refusalLocation(target: string, error: AuthError): string {
  const query = new URLSearchParams({
    error: error.status >= 500 ? "server_error" : "access_denied",
    error_code: error.code,
    error_description: error.message,
  });
  const page = new URL(target);
  page.search = query.toString();
  page.hash = query.toString();
  return page.toString();
}

function sessionLocation(target: string, session: Json, type: string): string {
  const page = new URL(target);
  const fields = new URLSearchParams();
  for (const key of ["access_token", "expires_at", "expires_in", "refresh_token", "token_type"]) {
    fields.set(key, String(session[key]));
  }
  fields.set("type", type);
  page.hash = fields.toString();
  return page.toString();
}

function withQuery(target: string, name: string, value: string): string {
  const page = new URL(target);
  page.searchParams.set(name, value);
  return page.toString();
}

async function follow(auth: AuthContext, call: Call, type: string, target: string): Promise<string> {
  const hash = call.url.searchParams.get("token") ?? call.url.searchParams.get("token_hash") ?? "";
  const token = await tokenOfHash(auth, hash, type);
  return auth.sql.begin(async (tx) => {
    const { user } = await proveOwner(auth, tx, call, token);
    if (user === null)
      return `${withQuery(target, "message", HALF_WAY)}#${new URLSearchParams({ message: HALF_WAY })}`;
    if (hash.startsWith(PKCE_PREFIX)) {
      return withQuery(target, "code", await issueAuthCode(tx, user.id, flowMethod(token.kind, type)));
    }
    return sessionLocation(target, await openSession(auth, tx, call, { user, method: "otp" }), type);
  });
}

/** GET /verify: a followed mail link; leads on to an allowed page, with the session, a code, or what went wrong. */
export const verifyGet: Handler = async (auth, call) => {
  const target = auth.redirects.resolve(call.url.searchParams.get("redirect_to"));
  try {
    auth.limits.request(auth.limits.verify, call.ip);
    return redirect(await follow(auth, call, call.url.searchParams.get("type") ?? "", target));
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const shown = error.code === "otp_expired" ? otpExpired(DEAD_LINK) : error;
    return redirect(refusalLocation(target, shown));
  }
};
