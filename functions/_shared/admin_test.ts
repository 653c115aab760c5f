import assert from "node:assert/strict";
import { createAdmin, DatabaseRefusal } from "./admin.ts";
import { readEnvironment } from "./environment.ts";
import { Problem } from "./problem.ts";

const environment = readEnvironment(
  (name) =>
    ({ SUPABASE_URL: "http://project.example", SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}' })[name],
);

/** What a call becomes where the database answers so. */
async function refusalOf(status: number, body: unknown): Promise<string> {
  const admin = createAdmin(environment, async () => Response.json(body, { status }));
  const error: unknown = await admin.rpc("anything", {}).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Problem);
  const { cause } = error;
  return `${error.status} ${cause instanceof DatabaseRefusal ? cause.code : "unreachable"}`;
}

Deno.test("admin: a statement that was cancelled, or lost a deadlock, was answered by a database that is there", async () => {
  const cancelled = { code: "57014", message: "canceling statement due to statement timeout" };
  assert.equal(await refusalOf(500, cancelled), "500 57014");
  assert.equal(await refusalOf(500, { code: "40P01", message: "deadlock detected" }), "500 40P01");
  assert.equal(await refusalOf(404, { code: "PGRST202", message: "no such function" }), "500 PGRST202");
});

Deno.test("admin: a database or gateway that is away is unreachable (503), with a code or without", async () => {
  assert.equal(await refusalOf(503, { code: "57P01", message: "terminating connection" }), "503 unreachable");
  assert.equal(await refusalOf(500, { code: "57P02", message: "crash of another" }), "503 unreachable");
  assert.equal(await refusalOf(503, { code: "PGRST001", message: "retrying" }), "503 unreachable");
  assert.equal(await refusalOf(504, {}), "503 unreachable");
  assert.equal(await refusalOf(500, "<html>bad gateway</html>"), "503 unreachable");
});
