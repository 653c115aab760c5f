import assert from "node:assert/strict";
import { Problem } from "../_shared/problem.ts";
import { makeCredentials, makeSecrets } from "../_shared/testing/credentials.ts";
import { environmentOf, testDeps } from "../_shared/testing/deps.ts";
import { hear } from "../_shared/testing/scenario.ts";
import { createShare } from "./handler.ts";

const url = "http://project.example";
const secrets = await makeSecrets(`${url}/auth/v1`);
const account = { id: crypto.randomUUID(), sessionId: crypto.randomUUID() };
const credentials = await makeCredentials(secrets, account);
const link = crypto.randomUUID();
const [door, access, grant] = ["d", "a", "g"].map((letter) => letter.repeat(43));
const nonce = "n".repeat(22);

/** Posts a body to the function, whose database answers so; what both were asked is noted. */
async function ask(
  body: unknown,
  told: unknown = { outcome: "refused" },
  headers: Record<string, string> = {},
  isAway = false,
) {
  const calls: unknown[] = [];
  const admin = {
    rpc: async <Result>(name: string, values: Record<string, unknown>) => {
      calls.push([name, values]);
      return told as Result;
    },
    sign: async (bucket: string, path: string, seconds: number) => {
      calls.push(["sign", bucket, path, seconds]);
      if (isAway) throw new Problem(503, "NETWORK_SERVER", "Storage is away");
      return "/storage/v1/object/sign/x?token=y";
    },
  };
  const handler = createShare(testDeps(environmentOf(secrets, url), { admin: () => admin }));
  const request = new Request(`${url}/share`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-request-id": "the-same-one", ...headers },
    body: JSON.stringify(body),
  });
  const answer = await handler(request);
  const text = await answer.clone().text();
  return { ...(await hear(answer)), calls, text };
}

const open = {
  outcome: "open",
  grant,
  body: "sealed",
  path: "owner/file/1",
  size: 5,
  encrypted: true,
  number: 1,
};

Deno.test("share: whoever has both tokens gets the sealed key, a grant and an address of a minute", async () => {
  const { status, json, calls, headers } = await ask({ link, door, access }, open);
  assert.equal(status, 200);
  const { path, ...rest } = open;
  assert.deepEqual(json, { ...rest, url: "/storage/v1/object/sign/x?token=y" });
  assert.equal(headers.get("cache-control"), "no-store");
  assert.deepEqual(calls, [
    ["share_redeem", { link, door, access, reader: null }],
    ["sign", "files", path, 60],
  ]);
});

Deno.test("share: a signed-in reader is told to the owner; a token that is no good is refused (401)", async () => {
  const { calls } = await ask({ link, door, access }, open, credentials.user);
  assert.deepEqual(calls[0], ["share_redeem", { link, door, access, reader: account.id }]);
  assert.equal((await ask({ link, door, access }, open, credentials.forged)).status, 401);
});

Deno.test("share: who asks again after a lost answer is known by their nonce", async () => {
  const { calls } = await ask({ link, door, access, nonce }, open);
  assert.deepEqual(calls[0], ["share_redeem", { link, door, access, nonce, reader: null }]);
});

Deno.test("share: the door token alone says whether a password is wanted, and gives nothing", async () => {
  const { json, calls } = await ask({ link, door }, { outcome: "door", password: true });
  assert.deepEqual(json, { outcome: "door", password: true });
  assert.deepEqual(calls, [["share_redeem", { link, door, access: null, reader: null }]]);
});

Deno.test("share: a grant gives another address", async () => {
  const { json, calls } = await ask({ link, grant }, { outcome: "open", path: "owner/file/1", size: 5 });
  assert.deepEqual(json, { outcome: "open", size: 5, url: "/storage/v1/object/sign/x?token=y" });
  assert.deepEqual(calls[0], ["share_renew", { link, grant }]);
});

Deno.test("share: where Storage is away, what was counted gives its grant, and a renewal is put off (503)", async () => {
  const { status, json } = await ask({ link, door, access }, open, {}, true);
  assert.equal(status, 200);
  const { path, ...rest } = open;
  assert.deepEqual([json, path], [{ ...rest, url: null }, "owner/file/1"]);
  assert.equal((await ask({ link, grant }, { outcome: "open", path: "x" }, {}, true)).status, 503);
});

Deno.test("share: every dead link is refused with the same bytes, by whichever way it was asked", async () => {
  const asked = [
    { link, door, access },
    { link, door, access, nonce },
    { link, door },
    { link, grant },
  ];
  const all = await Promise.all(asked.map((body) => ask(body)));
  assert.deepEqual([...new Set(all.map(({ status, text }) => `${status} ${text}`))].length, 1);
  assert.equal(`${all[0]?.status} ${all[0]?.code}`, "404 ACCESS_NOT_FOUND");
});

Deno.test("share: a wrong password is told (403), too many are put off (429)", async () => {
  const wrong = await ask({ link, door, access }, { outcome: "password" });
  assert.equal(`${wrong.status} ${wrong.code}`, "403 ACCESS_PASSWORD");
  const limited = await ask({ link, door, access }, { outcome: "limited", retry_after: 360 });
  assert.equal(`${limited.status} ${limited.headers.get("retry-after")}`, "429 360");
});

for (const body of [
  {},
  { link },
  { link: "x", door },
  { link, door: "short" },
  { link, door, access: `${access}=` },
  { link, door, access, nonce: nonce.slice(1) },
  { link, door, nonce },
  { link, grant, nonce },
  { link, door, grant },
  { link, door, more: 1 },
])
  Deno.test(`share: ${JSON.stringify(body).slice(0, 60)} is refused unasked (400)`, async () => {
    const { status, calls } = await ask(body);
    assert.equal(status, 400);
    assert.deepEqual(calls, []);
  });
