/** Runs supabase/tests, which `supabase test db` runs as well where there is Docker. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openDatabase, root } from "./support/database.ts";
import { runTapFile } from "./support/tap.ts";

const folder = path.join(root, "supabase", "tests");
const files = (await readdir(folder)).filter((name) => name.endsWith(".test.sql")).sort();

const database = await openDatabase();
afterAll(() => database.close());
await database.admin.query("create extension if not exists pgtap with schema extensions");

for (const file of files) {
  const results = await runTapFile(database.url("postgres"), path.join(folder, file));
  describe(file, () => {
    for (const { ok, name, diagnostics } of results) it(name, () => expect(ok, diagnostics).toBe(true));
  });
}

it("finds the pgTAP files of every migration", async () => {
  const migrations = await readdir(path.join(root, "supabase", "migrations"));
  const stems = migrations.map((name) => /^\d+_(.+)\.sql$/.exec(name)?.[1]);
  const tested = files.map((name) => /^\d+_(.+)\.test\.sql$/.exec(name)?.[1]);
  expect(tested).toEqual(expect.arrayContaining(stems));
});
