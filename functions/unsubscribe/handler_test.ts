import assert from "node:assert/strict";
import { makeCredentials, makeSecrets } from "../_shared/testing/credentials.ts";
import { environmentOf, testDeps } from "../_shared/testing/deps.ts";
import { hear } from "../_shared/testing/scenario.ts";
import { refusal, unreachable } from "../worker/testing/memory.ts";
import { createUnsubscribe } from "./handler.ts";

const url = "http://project.example";
const secrets = await makeSecrets(`${url}/auth/v1`);
const credentials = await makeCredentials(secrets, {
  id: crypto.randomUUID(),
  sessionId: crypto.randomUUID(),
});
const right = `${"a".repeat(32)}.reminders.${"b".repeat(64)}`;

async function ask(query: string, init: RequestInit = {}, answer: () => Promise<unknown> = async () => null) {
  const calls: unknown[] = [];
  const rpc = <Result>(name: string, values: Record<string, unknown>) => {
    calls.push([name, values]);
    return answer() as Promise<Result>;
  };
  const handler = createUnsubscribe(
    testDeps(environmentOf(secrets, url), {
      admin: () => ({ rpc, sign: async () => Promise.reject(unreachable()) }),
    }),
  );
  const heard = await hear(
    await handler(new Request(`${url}/unsubscribe${query}`, { method: "POST", ...init })),
  );
  return { ...heard, calls };
}

Deno.test("unsubscribe: a mail program needs no key, and may send its form", async () => {
  const form = {
    body: "List-Unsubscribe=One-Click",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  };
  const { status, json, calls } = await ask(`?token=${right}`, form, async () => "reminders");
  assert.equal(status, 200);
  assert.deepEqual(json, { unsubscribed: "reminders" });
  assert.deepEqual(calls, [["mail_unsubscribe", { token: right }]]);
});

Deno.test("unsubscribe: looking at the link changes nothing (405)", async () => {
  const { status, calls } = await ask(`?token=${right}`, { method: "GET" });
  assert.equal(status, 405);
  assert.deepEqual(calls, []);
});

for (const query of ["", "?token=", "?token=<script>", `?token=${"a".repeat(201)}`])
  Deno.test(`unsubscribe: ${query.slice(0, 20) || "no token"} is refused unasked (400 USAGE_INVALID)`, async () => {
    const { status, code, calls } = await ask(query);
    assert.equal(`${status} ${code}`, "400 USAGE_INVALID");
    assert.deepEqual(calls, []);
  });

Deno.test("unsubscribe: a token that the database refuses is refused (400), a database that is away is not (503)", async () => {
  const refused = await ask(`?token=${right}`, {}, () => Promise.reject(refusal("TK001")));
  assert.equal(`${refused.status} ${refused.code}`, "400 USAGE_INVALID");
  assert.equal((await ask(`?token=${right}`, {}, () => Promise.reject(unreachable()))).status, 503);
  // A fault of ours is no fault of the link.
  assert.equal((await ask(`?token=${right}`, {}, () => Promise.reject(refusal("42883")))).status, 500);
});

Deno.test("unsubscribe: a wrong key is refused, though none is needed (401)", async () => {
  const { status } = await ask(`?token=${right}`, { headers: credentials["unknown key"] });
  assert.equal(status, 401);
});
