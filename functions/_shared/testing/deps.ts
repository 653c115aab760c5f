import { createDeps, type Deps } from "../handler.ts";
import type { Limit } from "../limits.ts";
import { Problem } from "../problem.ts";
import type { Secrets } from "./credentials.ts";

/** The environment of a function, as the platform would make it from these secrets. */
export function environmentOf(
  secrets: Secrets & { publicJwk: unknown },
  url: string,
): Record<string, string> {
  return {
    SUPABASE_URL: url,
    SUPABASE_ANON_KEY: secrets.anonKey,
    SUPABASE_SERVICE_ROLE_KEY: secrets.serviceRoleKey,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: secrets.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secrets.secretKey }),
    SUPABASE_JWKS: JSON.stringify({ keys: [secrets.publicJwk] }),
  };
}

/** A limit that counts in this process: what the database does, without its windows. */
export function countHere(): Limit {
  const hits = new Map<string, number>();
  return async (bucket, rate, caller) => {
    const key = `${bucket} ${caller.kind === "user" ? caller.id : caller.kind}`;
    const count = (hits.get(key) ?? 0) + 1;
    hits.set(key, count);
    if (caller.kind !== "secret" && count > rate.most)
      throw new Problem(429, "LIMIT_RATE", "Called too often", { retryAfter: rate.seconds });
  };
}

/** Dependencies without a database, with a log that nobody reads unless it is given. */
export function testDeps(environment: Record<string, string>, over: Partial<Deps> = {}): Deps {
  const log = { info: () => {}, error: () => {} };
  return { ...createDeps((name) => environment[name]), limit: countHere(), log, ...over };
}
