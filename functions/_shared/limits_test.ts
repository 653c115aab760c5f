import assert from "node:assert/strict";
import { createAdmin } from "./admin.ts";
import { readEnvironment } from "./environment.ts";
import { createLimit } from "./limits.ts";
import { Problem } from "./problem.ts";

const environment = readEnvironment(
  (name) =>
    ({ SUPABASE_URL: "http://project.example", SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}' })[name],
);
const user = { kind: "user", id: "ada", sessionId: "s", claims: { sub: "ada" }, token: "t" } as const;

/** A database that always answers the same, and what it was asked. */
function database(status: number, body: unknown) {
  const asked: { url: string; headers: Headers; body: Record<string, unknown> }[] = [];
  const fetcher = (async (input: RequestInfo | URL, init?: RequestInit) => {
    asked.push({
      url: String(input),
      headers: new Headers(init?.headers),
      body: JSON.parse(String(init?.body)),
    });
    return Response.json(body, { status });
  }) as typeof fetch;
  const limit = createLimit(() => createAdmin(environment, fetcher));
  const ask = (headers: Record<string, string> = {}, caller: Parameters<typeof limit>[2] = user) =>
    limit("share", { most: 3, seconds: 60 }, caller, new Request("http://x", { headers }));
  return { asked, ask };
}

const problem = (status: number, code: string) => (error: unknown) =>
  error instanceof Problem && error.status === status && error.code === code;

Deno.test("limits: a user is counted by id, and judged by the claims of the token", async () => {
  const { asked, ask } = database(200, { admitted: true, retry_after: 0 });
  await ask();
  const body = { bucket: "share", caller: "ada", most: 3, seconds: 60, claims: { sub: "ada" } };
  assert.deepEqual(asked[0]?.body, body);
  assert.equal(asked[0]?.headers.get("apikey"), "sb_secret_x");
  assert.equal(asked[0]?.headers.get("authorization"), null);
});

Deno.test("admin: an older project's key is sent as token too", async () => {
  const legacy = readEnvironment(
    (name) => ({ SUPABASE_URL: "http://x", SUPABASE_SERVICE_ROLE_KEY: "ey.j.k" })[name],
  );
  const sent: Headers[] = [];
  const admin = createAdmin(legacy, (async (_input: RequestInfo | URL, init?: RequestInit) => {
    sent.push(new Headers(init?.headers));
    return Response.json(1);
  }) as typeof fetch);
  assert.equal(await admin.rpc("anything", {}), 1);
  assert.deepEqual([sent[0]?.get("apikey"), sent[0]?.get("authorization")], ["ey.j.k", "Bearer ey.j.k"]);
});

Deno.test("limits: a stranger is counted by the address that the edge saw, not by one of their own making", async () => {
  const { asked, ask } = database(200, { admitted: true, retry_after: 0 });
  await ask({ "x-forwarded-for": "10.0.0.1, 192.0.2.1" }, { kind: "publishable" });
  await ask({ "x-forwarded-for": "10.0.0.1", "cf-connecting-ip": "192.0.2.2" }, { kind: "publishable" });
  await ask({}, { kind: "none" });
  assert.deepEqual(
    asked.map(({ body }) => [body.caller, body.claims]),
    [
      ["192.0.2.1", null],
      ["192.0.2.2", null],
      ["unknown", null],
    ],
  );
});

Deno.test("limits: a server with the secret key is not asked about", async () => {
  const { asked, ask } = database(500, {});
  await ask({}, { kind: "secret" });
  assert.equal(asked.length, 0);
});

Deno.test("limits: a full window, a suspended account and an ended session are told apart", async () => {
  const full = database(200, { admitted: false, retry_after: 42 });
  await assert.rejects(
    full.ask(),
    (error) => problem(429, "LIMIT_RATE")(error) && (error as Problem).details.retryAfter === 42,
  );
  const suspended = database(400, { code: "TK002", message: "AUTH_SUSPENDED: this account is suspended" });
  await assert.rejects(suspended.ask(), problem(403, "AUTH_SUSPENDED"));
  const ended = database(400, { code: "TK003", message: "AUTH_REQUIRED: this call needs a signed-in user" });
  await assert.rejects(ended.ask(), problem(401, "AUTH_REQUIRED"));
});

Deno.test("limits: without the database nobody passes, and nobody learns of it", async () => {
  await assert.rejects(
    database(503, { message: "connection to 10.0.0.7 refused" }).ask(),
    problem(503, "NETWORK_SERVER"),
  );
  const strange = database(400, { code: "42883", message: "function public.function_admit does not exist" });
  await assert.rejects(
    strange.ask(),
    (error) => problem(500, "NETWORK_SERVER")(error) && !String(error).includes("admit"),
  );
});
