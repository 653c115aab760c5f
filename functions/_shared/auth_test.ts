import assert from "node:assert/strict";
import { createAuthenticate } from "./auth.ts";
import { readEnvironment } from "./environment.ts";
import { Problem } from "./problem.ts";
import { makeCredentials, makeSecrets } from "./testing/credentials.ts";
import { environmentOf } from "./testing/deps.ts";

const url = "http://project.example";
const secrets = await makeSecrets(`${url}/auth/v1`);
const account = { id: crypto.randomUUID(), sessionId: crypto.randomUUID() };
const credentials = await makeCredentials(secrets, account);
const authenticateWith = (change: Record<string, string | undefined>) => {
  const environment: Record<string, string | undefined> = { ...environmentOf(secrets, url), ...change };
  return createAuthenticate(readEnvironment((name) => environment[name]));
};
const authenticate = authenticateWith({});
const request = (headers: Record<string, string>) => new Request(url, { headers });

const kinds = {
  none: "none",
  publishable: "publishable",
  secret: "secret",
  "legacy anon": "publishable",
  "legacy service": "secret",
  user: "user",
} as const;

for (const [who, kind] of Object.entries(kinds)) {
  Deno.test(`auth: ${who} is ${kind}`, async () => {
    const caller = await authenticate(request(credentials[who as keyof typeof kinds]));
    assert.equal(caller.kind, kind);
    if (caller.kind === "user")
      assert.deepEqual([caller.id, caller.sessionId], [account.id, account.sessionId]);
  });
}

for (const who of Object.keys(credentials).filter(
  (name) => !(name in kinds),
) as (keyof typeof credentials)[]) {
  Deno.test(`auth: ${who} is nobody (401), not an anonymous caller`, async () => {
    await assert.rejects(authenticate(request(credentials[who])), (error) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.status, 401);
      return true;
    });
  });
}

Deno.test("auth: a key that was rotated in is valid beside the old one", async () => {
  const both = authenticateWith({
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({
      default: secrets.publishableKey,
      next: "sb_publishable_next",
    }),
  });
  for (const apikey of [secrets.publishableKey, "sb_publishable_next"])
    assert.equal((await both(request({ apikey }))).kind, "publishable");
});

Deno.test("auth: an older project's keys alone are enough", async () => {
  const legacy = authenticateWith({ SUPABASE_PUBLISHABLE_KEYS: undefined, SUPABASE_SECRET_KEYS: undefined });
  assert.equal((await legacy(request({ apikey: secrets.anonKey }))).kind, "publishable");
  assert.equal((await legacy(request({ apikey: secrets.serviceRoleKey }))).kind, "secret");
  await assert.rejects(legacy(request({ apikey: secrets.secretKey })), Problem);
});

Deno.test("auth: without SUPABASE_JWKS the keys are fetched; unreachable, nobody is let in (503)", async () => {
  const remote = authenticateWith({ SUPABASE_JWKS: undefined, SUPABASE_URL: "http://127.0.0.1:1" });
  await assert.rejects(
    remote(request(credentials.user)),
    (error) => error instanceof Problem && error.status === 503,
  );
});

Deno.test("auth: behind another name, tokens carry the outer one", async () => {
  const inside = authenticateWith({ SUPABASE_URL: "http://kong:8000", TRACKIT_JWT_ISSUER: `${url}/auth/v1` });
  assert.equal((await inside(request(credentials.user))).kind, "user");
});

Deno.test("auth: a broken environment is said at start, without the secret in it", () => {
  for (const name of ["SUPABASE_SECRET_KEYS", "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_JWKS"])
    assert.throws(
      () => authenticateWith({ [name]: "sb_secret_no_json" }),
      (error: Error) => error.message.includes(name) && !error.message.includes("sb_secret_no_json"),
    );
  assert.throws(() => authenticateWith({ SUPABASE_URL: undefined }), /SUPABASE_URL/);
});
