import * as z from "zod/mini";
import { createHandler, type Deps, type Handler } from "../_shared/handler.ts";
import { Problem } from "../_shared/problem.ts";
import { MAX_BYTES, RATE, URL_SECONDS } from "./limits.ts";

/** 32 bytes in base64url. */
const token = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url"));
const nonce = z.string().check(z.regex(/^[A-Za-z0-9_-]{22}$/, "16 bytes in base64url"));
// Made by the client, of random bytes: any version.
const link = z.guid("a UUID");
const schema = z.union([
  z.strictObject({ link, grant: token }),
  z.strictObject({ link, door: token, access: token, nonce: z.optional(nonce) }),
  z.strictObject({ link, door: token }),
]);

/** What the database says of a link. */
type Told =
  | { outcome: "refused" }
  | { outcome: "door"; password: boolean }
  | { outcome: "password" }
  | { outcome: "limited"; retry_after: number }
  | ({ outcome: "open"; path: string } & Record<string, unknown>);

/**
 * `POST /functions/v1/share`: opens links to files, for whoever has one. With the door token alone it says whether a
 * password is wanted; with both tokens it counts a download and gives the sealed key, a grant of a day and an address
 * of a minute, the same grant for the same nonce; with the grant another address. Links that are wrong, expired, revoked
 * or used up are refused alike.
 */
export const createShare = (deps: Deps): Handler =>
  createHandler(
    {
      name: "share",
      method: "POST",
      callers: ["none", "publishable", "user", "secret"],
      rate: RATE,
      body: { maxBytes: MAX_BYTES, maxDepth: 1, schema },
      async handle({ body, caller }) {
        const reader = caller.kind === "user" ? caller.id : null;
        const admin = deps.admin();
        const told =
          "grant" in body
            ? await admin.rpc<Told>("share_renew", body)
            : await admin.rpc<Told>("share_redeem", { access: null, ...body, reader });
        if (told.outcome !== "open") return refusedOr(told);
        const { path, ...rest } = told;
        // A download is counted by now: where Storage is away, the grant asks again without counting.
        const url = await admin.sign("files", path, URL_SECONDS).catch((error: unknown) => {
          if ("door" in body) return null;
          throw error;
        });
        return Response.json({ ...rest, url }, { headers: { "cache-control": "no-store" } });
      },
    },
    deps,
  );

function refusedOr(told: Exclude<Told, { outcome: "open" }>): Response {
  if (told.outcome === "door") return Response.json(told, { headers: { "cache-control": "no-store" } });
  if (told.outcome === "password") throw new Problem(403, "ACCESS_PASSWORD", "The password is not right");
  if (told.outcome === "limited")
    throw new Problem(429, "LIMIT_RATE", "Too many wrong passwords", { retryAfter: told.retry_after });
  throw new Problem(404, "ACCESS_NOT_FOUND", "There is no such link");
}
