import assert from "node:assert/strict";
import * as z from "zod/mini";
import { readBody } from "./door.ts";
import { Problem } from "./problem.ts";

const schema = z.strictObject({
  title: z.string().check(z.maxLength(5)),
  tags: z.array(z.object({ name: z.string() })),
});
const rules = { maxBytes: 200, maxDepth: 4, schema };
const post = (body: BodyInit, headers: Record<string, string> = { "content-type": "application/json" }) =>
  new Request("http://x", { method: "POST", body, headers });

const refusal = (request: Request) =>
  readBody(request, rules).then(
    () => "accepted",
    (error: unknown) => {
      assert.ok(error instanceof Problem);
      return `${error.status} ${error.code} ${error.details.field ?? ""}`.trim();
    },
  );

Deno.test("door: what the schema wants comes in, with a body in pieces too", async () => {
  const text = new TextEncoder().encode('{"title":"ã","tags":[]}');
  // Cut within the two bytes of ã.
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(text.subarray(0, 11));
      controller.enqueue(text.subarray(11));
      controller.close();
    },
  });
  assert.deepEqual(await readBody(post(stream), rules), { title: "ã", tags: [] });
});

Deno.test("door: what the schema does not want is named", async () => {
  assert.equal(await refusal(post('{"title":"123456","tags":[]}')), "400 USAGE_INVALID title");
  assert.equal(await refusal(post('{"title":"1","tags":[{"name":1}]}')), "400 USAGE_INVALID tags.0.name");
  assert.equal(await refusal(post('{"title":"1","tags":[],"admin":true}')), "400 USAGE_INVALID");
});

Deno.test("door: a body that grows too long is left, whatever length it declares", async () => {
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent++;
      controller.enqueue(new Uint8Array(100).fill(32));
    },
  });
  assert.equal(await refusal(post(endless)), "413 LIMIT_SIZE");
  assert.ok(sent < 10, `${sent} pieces were read, want a few`);
  const lying = { "content-type": "application/json", "content-length": "2" };
  assert.equal(await refusal(post(" ".repeat(201), lying)), "413 LIMIT_SIZE");
});

Deno.test("door: depth counts to the deepest of many branches", async () => {
  assert.equal(await refusal(post('{"title":"1","tags":[[],[[]]]}')), "400 USAGE_INVALID tags.0");
  assert.equal(await refusal(post('{"title":"1","tags":[[],[[[]]]]}')), "400 USAGE_DEPTH");
});

Deno.test("door: keys that reach for prototypes are refused at any depth; their words elsewhere are words", async () => {
  assert.equal(await refusal(post('{"title":"1","tags":[{"__proto__":1}]}')), "400 USAGE_INVALID __proto__");
  assert.equal(
    await refusal(post('{"a":{"constructor":{"prototype":{}}}}')),
    "400 USAGE_INVALID constructor.prototype",
  );
  assert.equal(
    await refusal(post('{"title":"__pro","tags":[{"name":"__proto__","constructor":"x"}]}')),
    "accepted",
  );
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

Deno.test("door: a refusal of JSON does not repeat what was sent", async () => {
  const error = await readBody(post("ada@example.com"), rules).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof Problem);
  assert.ok(!error.message.includes("ada"));
});
