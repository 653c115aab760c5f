import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { Environment } from "./environment.ts";
import { Problem } from "./problem.ts";

/** Who may call: nobody in particular, a holder of one of the project's keys, or a signed-in user. */
export type CallerKind = "none" | "publishable" | "secret" | "user";

export type Caller =
  | { kind: "none" | "publishable" | "secret" }
  | { kind: "user"; id: string; sessionId: string; claims: JWTPayload; token: string };

export type Authenticate = (request: Request) => Promise<Caller>;

/** What user tokens may be signed with; the key says which of them it is for. HS256 would make a verifier a signer. */
const algorithms = ["ES256", "RS256", "EdDSA"];

/** Seconds by which two clocks may differ. */
const clockTolerance = 5;

/**
 * Finds out who calls. A token or key that is there must be right: a wrong one is refused with 401 and never taken
 * for an anonymous caller. The secret key counts in `apikey` alone.
 * @returns throws Problem 401 where a key or token is wrong
 */
export function createAuthenticate(environment: Environment): Authenticate {
  const publishable = createKeyring(environment.publishableKeys);
  const secret = createKeyring(environment.secretKeys);
  const verify = createVerify(environment);
  return async (request) => {
    const apikey = request.headers.get("apikey");
    const kind = await kindOf(apikey, { publishable, secret });
    const token = bearer(request.headers.get("authorization"));
    // supabase-js sends its key as token until a user has signed in.
    if (token === null || token === apikey) return { kind };
    if (token.startsWith("sb_"))
      throw new Problem(
        401,
        "AUTH_KEY",
        "A key was sent as bearer token, want it in the apikey header alone",
      );
    // Functions' clients of older projects send the legacy publishable key as token alone; the secret one never so.
    if (apikey === null && (await publishable(token))) return { kind: "publishable" };
    return verify(token);
  };
}

/** Refuses with 401 who has not shown enough yet, with 403 who never may. */
export function admit(caller: Caller, allowed: readonly CallerKind[]): void {
  if (allowed.includes(caller.kind)) return;
  if (caller.kind === "none")
    throw new Problem(401, "AUTH_KEY", "The apikey header is missing, want a key of this project");
  if (caller.kind === "publishable")
    throw new Problem(401, "AUTH_REQUIRED", "This call needs a signed-in user");
  throw new Problem(403, "ACCESS_DENIED", "This call is not for this kind of caller");
}

type Keyring = (key: string) => Promise<boolean>;

async function kindOf(
  apikey: string | null,
  { publishable, secret }: { publishable: Keyring; secret: Keyring },
): Promise<"none" | "publishable" | "secret"> {
  if (apikey === null) return "none";
  const [isSecret, isPublishable] = await Promise.all([secret(apikey), publishable(apikey)]);
  if (isSecret) return "secret";
  if (isPublishable) return "publishable";
  throw new Problem(401, "AUTH_KEY", "The key in apikey is none of this project");
}

/** Compares by digest, every key each time: the answer's delay tells nothing about a nearly right key. */
function createKeyring(keys: string[]): Keyring {
  const digests = Promise.all(keys.map(digest));
  return async (key) => {
    const given = await digest(key);
    let found = false;
    for (const known of await digests) {
      let difference = 0;
      for (const [at, byte] of known.entries()) difference |= byte ^ (given[at] ?? 0);
      if (difference === 0) found = true;
    }
    return found;
  };
}

const digest = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

/** The token of a Bearer header, or null where there is no header; another scheme is refused. */
function bearer(authorization: string | null): string | null {
  if (authorization === null || authorization.trim() === "") return null;
  const token = /^bearer +(\S+)$/i.exec(authorization.trim())?.[1];
  if (token === undefined)
    throw new Problem(401, "AUTH_REQUIRED", "The Authorization header is no bearer token");
  return token;
}

function createVerify({ jwks, url, issuer }: Environment): (token: string) => Promise<Caller> {
  const keys = jwks
    ? createLocalJWKSet(jwks)
    : createRemoteJWKSet(new URL(`${url}/auth/v1/.well-known/jwks.json`));
  const options = {
    algorithms,
    issuer,
    audience: "authenticated",
    requiredClaims: ["exp", "sub"],
    clockTolerance,
  };
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, options).catch((cause: unknown) => {
      throw refusalOf(cause);
    });
    const { sub, session_id, role } = payload;
    if (!isUuid(sub) || !isUuid(session_id) || role !== "authenticated") throw wrong();
    return { kind: "user", id: sub, sessionId: session_id, claims: payload, token };
  };
}

function refusalOf(cause: unknown): Problem {
  if (cause instanceof errors.JWTExpired)
    return new Problem(401, "AUTH_REQUIRED", "The token has expired", { cause });
  if (cause instanceof errors.JWKSTimeout || !(cause instanceof errors.JOSEError))
    return new Problem(503, "NETWORK_SERVER", "Tokens cannot be verified at present", { cause });
  return wrong(cause);
}

const wrong = (cause?: unknown) =>
  new Problem(401, "AUTH_REQUIRED", "The token is none of this project", { cause });

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isUuid = (value: unknown): value is string => typeof value === "string" && uuid.test(value);
