import type { Admin } from "./admin.ts";
import type { Caller } from "./auth.ts";
import { Problem } from "./problem.ts";

/** How often one caller may call. */
export interface Rate {
  most: number;
  /** The window. */
  seconds: number;
}

/** @throws Problem 429 where the caller must wait, 401 or 403 where the account may not act any more */
export type Limit = (bucket: string, rate: Rate, caller: Caller, request: Request) => Promise<void>;

/**
 * Counts calls in the database, where every instance of a function sees them, and asks in the same round trip
 * whether a user's account and session still stand. Servers with the secret key are not counted.
 */
export function createLimit(admin: () => Admin): Limit {
  return async (bucket, rate, caller, request) => {
    if (caller.kind === "secret") return;
    const { admitted, retry_after } = await admin().rpc<{ admitted: boolean; retry_after: number }>(
      "function_admit",
      {
        bucket,
        caller: caller.kind === "user" ? caller.id : addressOf(request),
        most: rate.most,
        seconds: rate.seconds,
        claims: caller.kind === "user" ? caller.claims : null,
      },
    );
    if (admitted) return;
    throw new Problem(429, "LIMIT_RATE", `Called more than ${rate.most} times within ${rate.seconds} s`, {
      retryAfter: retry_after,
      rule: `${rate.most} calls per ${rate.seconds} s`,
    });
  };
}

/** As private.caller() in the database: the hosted edge's word, else what the gateway next to us put last. */
function addressOf({ headers }: Request): string {
  const seen = headers.get("cf-connecting-ip") ?? headers.get("x-forwarded-for")?.split(",").at(-1);
  return seen?.trim().slice(0, 64) || "unknown";
}
