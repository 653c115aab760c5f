import { decodeProtectedHeader, errors, importJWK, type JWTPayload, jwtVerify } from "jose";
import type { StackKeys } from "../keys/keys.ts";
import type { Caller } from "../part.ts";

/** Why a bearer token was not accepted. */
export type TokenFault = "malformed" | "signature" | "expired" | "claims";

export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly fault: TokenFault;

  constructor(fault: TokenFault, cause?: unknown) {
    super(`Verifying the bearer token failed (${fault}); wanted a current token of this project`, { cause });
    this.fault = fault;
  }
}

/** A verified caller and the moment, in milliseconds, from which it must be verified anew. */
export interface VerifiedToken {
  caller: Caller;
  expiresAt: number;
}

export type TokenVerifier = (token: string) => Promise<VerifiedToken>;

/**
 * Verifies bearer tokens: user tokens by this project's ES256 key, the two legacy keys by its HS256 secret.
 * The algorithm belongs to the kind of token and is never taken from the token's own header alone: an HS256
 * token can only ever be one of the two legacy keys, and an ES256 token only ever a signed-in user.
 * @param issuer the `iss` of user tokens, which is the URL of this project's Auth
 */
export async function createTokenVerifier(keys: StackKeys, issuer: string): Promise<TokenVerifier> {
  const signing = await importJWK(keys.signingKey.publicJwk, "ES256");
  const secret = new TextEncoder().encode(keys.jwtSecret);

  const verifyUser = async (token: string, kid: string | undefined): Promise<VerifiedToken> => {
    if (kid !== keys.signingKey.kid) throw new TokenError("signature");
    const { payload } = await jwtVerify(token, signing, {
      algorithms: ["ES256"],
      issuer,
      audience: "authenticated",
      requiredClaims: ["exp", "sub", "role"],
    });
    if (payload.role !== "authenticated") throw new TokenError("claims");
    return verified("authenticated", payload, token);
  };

  const verifyLegacyKey = async (token: string): Promise<VerifiedToken> => {
    const { payload } = await jwtVerify(token, secret, { algorithms: ["HS256"] });
    if (payload.role !== "anon" && payload.role !== "service_role") throw new TokenError("claims");
    return verified(payload.role, payload, null);
  };

  return async (token) => {
    try {
      const header = decodeProtectedHeader(token);
      if (header.alg === "ES256") return await verifyUser(token, header.kid);
      if (header.alg === "HS256") return await verifyLegacyKey(token);
    } catch (error) {
      throw asTokenError(error);
    }
    throw new TokenError("signature");
  };
}

function verified(role: Caller["role"], payload: JWTPayload, token: string | null): VerifiedToken {
  const expiresAt = payload.exp === undefined ? Number.POSITIVE_INFINITY : payload.exp * 1000;
  return { caller: { role, claims: payload, token }, expiresAt };
}

function asTokenError(error: unknown): TokenError {
  if (error instanceof TokenError) return error;
  if (error instanceof errors.JWTExpired) return new TokenError("expired", error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return new TokenError("signature", error);
  if (error instanceof errors.JWTClaimValidationFailed) return new TokenError("claims", error);
  return new TokenError("malformed", error);
}
