import { createHash, timingSafeEqual } from "node:crypto";
import type { StackKeys } from "../keys/keys.ts";
import type { Caller } from "../part.ts";
import { BoundedMap } from "./bounded-map.ts";
import { TokenError, type TokenFault, type TokenVerifier, type VerifiedToken } from "./tokens.ts";

/** What a request shows of its caller: the key, and the Authorization header. */
export interface Credentials {
  apikey: string | undefined;
  authorization: string | undefined;
  /** The route serves strangers too: a token may come without a key, and nothing at all is anonymous. */
  keyOptional?: boolean;
}

export type Refusal = "no-key" | "bad-key" | TokenFault;
export type Identified = { caller: Caller } | { refusal: Refusal };

/** Finds out who is calling; answers from memory for a pair of key and token that was seen before. */
export interface Identifier {
  /** The remembered answer, without a promise, or null. */
  recall(credentials: Credentials): Caller | null;
  identify(credentials: Credentials): Promise<Identified>;
}

/** Tokens remembered at most: a few kilobytes each. */
const remembered = 2000;

export function createIdentifier(keys: StackKeys, verify: TokenVerifier, now = Date.now): Identifier {
  const known = new BoundedMap<string, VerifiedToken>(remembered);
  const keyCaller = createKeyring(keys);

  return {
    recall(credentials) {
      const entry = known.get(cacheKey(credentials));
      if (entry === undefined) return null;
      if (entry.expiresAt > now()) return entry.caller;
      known.delete(cacheKey(credentials));
      return null;
    },

    async identify(credentials) {
      const { apikey } = credentials;
      if (!apikey && !credentials.keyOptional) return { refusal: "no-key" };
      const byKey = apikey ? keyCaller(apikey) : stranger;
      if (!byKey) return { refusal: "bad-key" };
      const token = bearer(credentials.authorization);
      // supabase-js sends its key as bearer token until a user has signed in.
      if (token === null || token === apikey) return { caller: byKey };
      try {
        const entry = await verify(token);
        known.set(cacheKey(credentials), entry);
        return { caller: entry.caller };
      } catch (error) {
        if (error instanceof TokenError) return { refusal: error.fault };
        throw error;
      }
    },
  };
}

/** Whoever has no more than the publishable key. */
export const stranger: Caller = { role: "anon", claims: { role: "anon" }, token: null };

/** What was let in without a key on one route must not be remembered on a route that wants one. */
const cacheKey = ({ apikey = "", authorization = "", keyOptional = false }: Credentials) =>
  `${keyOptional}\n${apikey}\n${authorization}`;

/** The token of a `Bearer` header; null where there is none. Another scheme is handed on, and fails as a token. */
function bearer(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  const trimmed = authorization.trim();
  if (trimmed === "" || /^bearer$/i.test(trimmed)) return null;
  return /^bearer\s+/i.test(trimmed) ? trimmed.replace(/^bearer\s+/i, "") : trimmed;
}

/** The four keys of a project, each with the role it stands for. */
function createKeyring(keys: StackKeys): (apikey: string) => Caller | null {
  const service: Caller = { role: "service_role", claims: { role: "service_role" }, token: null };
  const ring: [Buffer, Caller][] = [
    [digest(keys.publishableKey), stranger],
    [digest(keys.secretKey), service],
    [digest(keys.anonKey), stranger],
    [digest(keys.serviceRoleKey), service],
  ];
  return (apikey) => {
    const given = digest(apikey);
    let found: Caller | null = null;
    // Every key is compared, in constant time: the answer's delay tells nothing about a nearly right key.
    for (const [key, caller] of ring) if (timingSafeEqual(key, given)) found = caller;
    return found;
  };
}

const digest = (text: string) => createHash("sha256").update(text).digest();
