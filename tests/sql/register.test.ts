/** The register of security definer functions at the head of the foundation migration is complete and true. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase, root } from "./support/database.ts";

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database.close());

it("the register names each security definer function with a reason, and no other", async () => {
  const file = path.join(root, "supabase", "migrations", "20261120000100_foundation.sql");
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.startsWith("--   private."));
  const registered = lines.map((line) => /^-- {3}(private\.\w+) {2,}(\S.+)$/.exec(line));
  expect(registered.every((match) => match?.[2])).toBe(true);
  const { rows } = await database.admin.query<{ name: string }>(
    `select distinct n.nspname || '.' || p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prosecdef and n.nspname in ('public', 'private')`,
  );
  expect(registered.map((match) => match?.[1]).sort()).toEqual(rows.map((row) => row.name).sort());
});
