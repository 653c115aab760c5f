import assert from "node:assert/strict";
import { makeCredentials, makeSecrets } from "../_shared/testing/credentials.ts";
import { environmentOf, testDeps } from "../_shared/testing/deps.ts";
import { differences, hear, requestOf } from "../_shared/testing/scenario.ts";
import { createSanitize } from "./handler.ts";
import { RATE } from "./limits.ts";
import { sanitize } from "./sanitize.ts";
import { scenarios } from "./scenarios.ts";

const url = "http://project.example";
const secrets = await makeSecrets(`${url}/auth/v1`);
const account = { id: crypto.randomUUID(), sessionId: crypto.randomUUID() };
const credentials = await makeCredentials(secrets, account);
const environment = environmentOf(secrets, url);

for (const scenario of scenarios) {
  Deno.test(`sanitize: ${scenario.name}`, async () => {
    const handler = createSanitize(testDeps(environment), sanitize);
    const response = await handler(requestOf(scenario, `${url}/sanitize`, credentials[scenario.who]));
    assert.deepEqual(differences(scenario, await hear(response)), []);
  });
}

Deno.test(`sanitize: the call after ${RATE.most} is refused (429 LIMIT_RATE), a server's is not`, async () => {
  const handler = createSanitize(testDeps(environment), sanitize);
  const call = async (who: "user" | "secret") => {
    const request = requestOf(
      { name: "", who, body: {}, want: { status: 0 } },
      `${url}/sanitize`,
      credentials[who],
    );
    return hear(await handler(request));
  };
  for (let time = 0; time < RATE.most; time++) assert.equal((await call("user")).status, 200);
  const refused = await call("user");
  assert.equal(`${refused.status} ${refused.code}`, "429 LIMIT_RATE");
  assert.equal(refused.headers.get("retry-after"), String(RATE.seconds));
  for (let time = 0; time <= RATE.most; time++) assert.equal((await call("secret")).status, 200);
});

Deno.test("sanitize: a cleaner that fails says nothing of why (500 NETWORK_SERVER)", async () => {
  const said: string[] = [];
  const log = {
    info: () => {},
    error: (_event: string, fields: object) => void said.push(JSON.stringify(fields)),
  };
  const handler = createSanitize(testDeps(environment, { log }), () => {
    throw new Error("ada@example.com wrote <script>");
  });
  const request = requestOf({ name: "", who: "user", body: {}, want: { status: 0 } }, url, credentials.user);
  const heard = await hear(await handler(request));
  assert.equal(`${heard.status} ${heard.code}`, "500 NETWORK_SERVER");
  assert.ok(!JSON.stringify(heard.json).includes("ada@"));
  assert.equal(said.length, 1);
  assert.ok(!said[0]?.includes("ada@"));
});
