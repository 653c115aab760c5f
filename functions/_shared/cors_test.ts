import assert from "node:assert/strict";
import { createCors } from "./cors.ts";

const asking = (origin: string) =>
  new Request("http://x", {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  });
const originOf = (response: Response | null) => response?.headers.get("access-control-allow-origin") ?? null;

Deno.test("cors: a listed origin may call, another may not, and caches tell the two apart", () => {
  const cors = createCors(["https://app.example"]);
  assert.equal(originOf(cors.preflight(asking("https://app.example"))), "https://app.example");
  const refused = cors.preflight(asking("https://evil.example"));
  assert.equal(originOf(refused), null);
  assert.equal(refused?.status, 204);
  assert.equal(refused?.headers.get("access-control-allow-methods"), null);
  assert.equal(refused?.headers.get("vary"), "Origin");
  const answer = cors.apply(asking("https://evil.example"), new Response());
  assert.equal(originOf(answer), null);
});

Deno.test("cors: no cookies ever, whoever asks", () => {
  for (const allowed of ["*", ["https://app.example"]] as const) {
    const answer = createCors(allowed).preflight(asking("https://app.example"));
    assert.equal(answer?.headers.get("access-control-allow-credentials"), null);
  }
});

Deno.test("cors: what is no preflight is left alone, and so is a caller without an origin", () => {
  const cors = createCors("*");
  assert.equal(cors.preflight(new Request("http://x", { method: "OPTIONS" })), null);
  assert.equal(cors.preflight(new Request("http://x")), null);
  assert.equal(originOf(cors.apply(new Request("http://x"), new Response())), null);
});
