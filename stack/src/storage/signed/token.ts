import { createHmac } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { invalidSignature, invalidToken } from "../errors.ts";

/** What a signed URL is for. A token for one is none for the other. */
export type Use = "download" | "upload" | "image";

/** What a token says besides its URL. */
export interface Grant {
  /** Milliseconds. */
  expires: number;
  claims: JWTPayload;
}

export interface Signer {
  /** @param path bucket and name */
  sign(use: Use, path: string, seconds: number, claims?: JWTPayload): Promise<string>;
  /**
   * @throws StorageError InvalidJWT where it is expired or not ours
   * @throws StorageError InvalidSignature where it is for something else
   */
  verify(use: Use, path: string, token: string): Promise<Grant>;
}

/**
 * Signs URLs with a key of its own, made from the project's secret: no token of Storage is ever one of the API's keys,
 * and none of those opens a file.
 */
export function createSigner(jwtSecret: string): Signer {
  const key = createHmac("sha256", jwtSecret).update("storage signed urls").digest();
  return {
    sign(use, path, seconds, claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ ...claims, url: path, use })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setIssuedAt(now)
        .setExpirationTime(now + seconds)
        .sign(key);
    },
    async verify(use, path, token) {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ["HS256"],
        requiredClaims: ["exp", "url", "use"],
      }).catch((error: Error) => {
        throw invalidToken(
          error instanceof errors.JWTExpired ? '"exp" claim timestamp check failed' : error.message,
        );
      });
      if (payload.url !== path || payload.use !== use) throw invalidSignature();
      return { expires: (payload.exp ?? 0) * 1000, claims: payload };
    },
  };
}
