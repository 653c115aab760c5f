import assert from "node:assert/strict";
import { createHandler } from "./handler.ts";
import { makeSecrets } from "./testing/credentials.ts";
import { environmentOf, testDeps } from "./testing/deps.ts";

const url = "http://project.example";
const deps = testDeps(environmentOf(await makeSecrets(`${url}/auth/v1`), url));

Deno.test("handler: an answer that leads elsewhere, whose headers nobody may write, gets its id and CORS like any other", async () => {
  const handler = createHandler(
    {
      name: "away",
      method: "GET",
      callers: ["none"],
      rate: { most: 1, seconds: 60 },
      handle: async () => Response.redirect("https://elsewhere.example/", 303),
    },
    deps,
  );
  const headers = { origin: "https://app.example", "x-request-id": "ada-asks-0004" };
  const answer = await handler(new Request(`${url}/away`, { headers }));
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), "https://elsewhere.example/");
  assert.equal(answer.headers.get("x-request-id"), "ada-asks-0004");
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
});
