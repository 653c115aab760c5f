import type { JWK } from "jose";
import { importJWK, SignJWT } from "jose";
import type { StackKeys } from "../keys/keys.ts";
import type { Json } from "./context.ts";
import type { Settings } from "./settings.ts";
import type { SessionRow } from "./store/sessions.ts";
import type { UserRow } from "./store/users.ts";

export interface AmrEntry {
  method: string;
  timestamp: number;
}

/** Signs access tokens (ES256) and publishes the key that verifies them. */
export interface TokenSigner {
  /** @returns a JWT with the claims of the real server, and when it ends (seconds since 1970) */
  accessToken(user: UserRow, session: SessionRow, amr: readonly AmrEntry[]): Promise<SignedToken>;
  jwks: { keys: JWK[] };
}

export interface SignedToken {
  token: string;
  expiresAt: number;
}

function claimsOf(user: UserRow, session: SessionRow, amr: readonly AmrEntry[]): Json {
  return {
    email: user.email ?? "",
    phone: user.phone ?? "",
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    role: user.role ?? "authenticated",
    aal: session.aal ?? "aal1",
    amr,
    session_id: session.id,
    is_anonymous: user.is_anonymous,
  };
}

export async function createTokenSigner(
  keys: Pick<StackKeys, "signingKey">,
  settings: Settings,
): Promise<TokenSigner> {
  const { kid, privateJwk, publicJwk } = keys.signingKey;
  const key = await importJWK(privateJwk, "ES256");
  return {
    jwks: { keys: [{ ...publicJwk, kid, alg: "ES256", use: "sig", key_ops: ["verify"] }] },
    async accessToken(user, session, amr) {
      const now = Math.floor(Date.now() / 1000);
      const expiresAt = now + settings.tokenLifetime;
      const token = await new SignJWT(claimsOf(user, session, amr))
        .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
        .setIssuer(settings.externalUrl)
        .setSubject(user.id)
        .setAudience(user.aud ?? "authenticated")
        .setIssuedAt(now)
        .setExpirationTime(expiresAt)
        .sign(key);
      return { token, expiresAt };
    },
  };
}
