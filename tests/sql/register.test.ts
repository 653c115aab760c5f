/** What is written about the schema is complete and true: the register of definers, docs/data-model.md. */
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

it("docs/data-model.md names every table and every function of the API", async () => {
  const page = await readFile(path.join(root, "docs", "data-model.md"), "utf8");
  const { rows } = await database.admin.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p')
     union
     select proname from pg_proc p where pronamespace = 'public'::regnamespace and provolatile <> 'i'
       and exists (select from unnest(array['anon', 'authenticated', 'service_role']) role
                   where has_function_privilege(role, p.oid, 'execute'))`,
  );
  expect(rows.map((row) => row.name).filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
});
