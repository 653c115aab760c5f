import type { Identifier } from "../../gateway/identify.ts";
import { TokenError, type TokenVerifier } from "../../gateway/tokens.ts";
import type { DbRole } from "../../part.ts";

/** Who speaks on a channel, and until when that holds. */
export interface Identity {
  role: DbRole;
  claims: Record<string, unknown>;
  /** The token that proves it; null for a key that is none. */
  token: string | null;
  /** Milliseconds since 1970; infinite for a key. */
  expiresAt: number;
}

/** Whose an identity is, whichever token says so: a session's, a user's, or a role's. */
export function ownerOf({ role, claims }: Identity): string {
  const { session_id: session, sub } = claims;
  if (typeof session === "string") return session;
  return typeof sub === "string" ? sub : role;
}

/** Why somebody is not let in, in the words of the real server: `Code: text` on a channel, `text` over HTTP. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }

  get reason(): string {
    return `${this.code}: ${this.message}`;
  }
}

export interface Identities {
  /** @throws RefusedError */
  ofKey(key: string): Promise<Identity>;
  /** @throws RefusedError */
  ofToken(token: string): Promise<Identity>;
}

/** Recognises keys and tokens as the gateway does, and words its refusals as Realtime does. */
export function createIdentities(identifier: Identifier, verify: TokenVerifier): Identities {
  const ofToken = async (token: string): Promise<Identity> => {
    try {
      const { caller, expiresAt } = await verify(token);
      return { role: caller.role, claims: caller.claims, token, expiresAt };
    } catch (error) {
      if (error instanceof TokenError) throw refusal(error, token);
      throw error;
    }
  };
  return {
    ofToken,
    async ofKey(key) {
      const found = await identifier.identify({ apikey: key, authorization: undefined });
      // The real server takes any token of the project for a key.
      if ("refusal" in found) return ofToken(key);
      const { role, claims } = found.caller;
      return { role, claims, token: null, expiresAt: Number.POSITIVE_INFINITY };
    },
  };
}

function refusal({ fault }: TokenError, token: string): RefusedError {
  switch (fault) {
    case "expired":
      return new RefusedError("InvalidJWTToken", `Token has expired ${secondsSince(token)} seconds ago`);
    case "claims":
      return new RefusedError("InvalidJWTToken", "Fields `role` and `exp` are required in JWT");
    case "signature":
      return new RefusedError("JwtSignatureError", "Failed to validate JWT signature");
    case "malformed":
      return new RefusedError("MalformedJWT", "The token provided is not a valid JWT");
  }
}

function secondsSince(token: string): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return Math.max(0, Math.floor(Date.now() / 1000 - Number(exp)));
  } catch {
    return 0;
  }
}
