import assert from "node:assert/strict";
import type { Environment } from "../../_shared/environment.ts";
import { JobFailure } from "../drain.ts";
import { jobOf, openMemory } from "../testing/memory.ts";
import { createObjects, type Objects } from "./objects.ts";
import { createRemoval } from "./remove.ts";

const environment: Environment = {
  url: "http://project.example",
  publishableKeys: [],
  secretKeys: ["sb_secret_x"],
  jwks: null,
  issuer: "",
  allowedOrigins: "*",
};

/** A bucket that notes what was removed. */
function openBucket(): Objects & { removed: string[][] } {
  const removed: string[][] = [];
  return { removed, remove: async (paths) => void removed.push(paths) };
}

Deno.test("removal: objects that are still doomed go in one call, and the database is told", async () => {
  const memory = openMemory();
  memory.removals.set("a", "o/a/1").set("b", "o/b/1");
  const bucket = openBucket();
  const outcomes = await createRemoval(memory.admin, bucket)(["a", "gone", "b"].map((id) => jobOf(id)));
  assert.deepEqual(outcomes, ["done", "repeated", "done"]);
  assert.deepEqual(bucket.removed, [["o/a/1", "o/b/1"]]);
  assert.equal(memory.removals.size, 0);
});

Deno.test("removal: with nothing left to remove, Storage is not asked", async () => {
  const bucket = openBucket();
  assert.deepEqual(await createRemoval(openMemory().admin, bucket)([jobOf("gone")]), ["repeated"]);
  assert.deepEqual(bucket.removed, []);
});

Deno.test("removal: what Storage did not remove is not noted as gone", async () => {
  const memory = openMemory();
  memory.removals.set("a", "o/a/1");
  const objects = createObjects(environment, async () => Response.json({}, { status: 500 }));
  await assert.rejects(createRemoval(memory.admin, objects)([jobOf("a")]), new JobFailure("storage 500"));
  assert.equal(memory.removals.size, 1);
});

Deno.test("objects: are removed by the Storage API, with the secret key and in one request", async () => {
  const requests: Request[] = [];
  const objects = createObjects(environment, async (input, init) => {
    requests.push(new Request(input, init));
    return Response.json([]);
  });
  await objects.remove(["o/a/1"]);
  const [request] = requests;
  assert.ok(request);
  assert.equal(`${request.method} ${request.url}`, "DELETE http://project.example/storage/v1/object/files");
  assert.equal(request.headers.get("apikey"), "sb_secret_x");
  assert.deepEqual(await request.json(), { prefixes: ["o/a/1"] });
});

Deno.test("objects: a Storage that cannot be reached puts the job off", async () => {
  const objects = createObjects(environment, () => Promise.reject(new TypeError("fetch failed")));
  await assert.rejects(objects.remove(["o/a/1"]), new JobFailure("storage is away"));
});
