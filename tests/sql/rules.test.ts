/** Each rule of supabase/tests/00_rules.test.sql sees the fault that it is there for. */
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase, root } from "./support/database.ts";
import { runTapFile } from "./support/tap.ts";

const file = path.join(root, "supabase", "tests", "00_rules.test.sql");

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
  await database.admin.query("create extension if not exists pgtap with schema extensions");
});
afterAll(() => database.close());

const table = (columns: string) => `create table public.careless (id uuid primary key${columns})`;
const leak =
  "create function public.leak() returns integer language sql security definer set search_path = '' return 1";

/** What is done wrong, and the rules that must notice. */
const faults: Record<string, [fault: string, ...rules: RegExp[]]> = {
  "a definer that anon may call": [
    `${leak}; grant execute on function public.leak() to anon`,
    /^no API role may call a security definer/,
  ],
  "a definer in public": [leak, /^security definer functions live in private/],
  "a function without a search path": [
    "create function private.loose() returns integer language sql return 1",
    /^every function fixes an empty search path/,
  ],
  "a function for everybody": [
    "grant execute on function private.title_key(text) to public",
    /^no function is executable by everybody/,
  ],
  "an exposed function without a comment": [
    `create function public.mute() returns integer language sql set search_path = '' return 1;
     grant execute on function public.mute() to authenticated`,
    /^every exposed function says what it does/,
  ],
  "a bare table": [
    table(""),
    /^every table has row-level security/,
    /^every exposed table is closed to suspended/,
    /^every table says what it is for/,
  ],
  "a second permissive policy": [
    "create policy goals_more on public.goals for select to authenticated using (true)",
    /^one permissive policy per table/,
    /^permissive policies are for one command and named/,
  ],
  "a policy for everybody": [
    "create policy goals_delete on public.goals for delete using (true)",
    /^permissive policies name the roles/,
  ],
  "a select policy that hides deleted rows": [
    "alter policy goals_select on public.goals using (owner_id = (select auth.uid()) and deleted_at is null)",
    /^select policies do not look at deleted_at/,
  ],
  "a policy that asks for each row": [
    "alter policy goals_select on public.goals using (owner_id = auth.uid())",
    /^policies evaluate functions once/,
  ],
  "a live policy that admits everybody": [
    "alter policy goals_live on public.goals using (true)",
    /^every exposed table is closed to suspended/,
  ],
  "a foreign key that says nothing": [
    table(", goal_id uuid references public.goals"),
    /^every foreign key says what happens/,
    /^every foreign key has an index/,
  ],
  "a private table that people may read": [
    "grant select on private.settings to authenticated",
    /^no API role has a right on a table in private/,
  ],
  "a table that strangers may read": [
    "grant select on public.goals to anon",
    /^a bare publishable key has no right/,
  ],
  "a column that strangers may write": [
    "grant update (title) on public.goals to anon",
    /^a bare publishable key has no right/,
  ],
  "a grant of whole rows": [
    "grant insert on public.goals to authenticated",
    /^people insert and update by column/,
  ],
  "rows that people may delete": [
    "grant delete on public.goals to authenticated",
    /^people insert and update/,
  ],
  "a version that people may set": [
    "grant update (version) on public.goals to authenticated",
    /^no column that decides about rights/,
  ],
  "a plan that people may choose": [
    "grant update (plan) on public.profiles to authenticated",
    /^no column that decides about rights/,
  ],
  "a version that nothing raises": [
    "drop trigger raise_version on public.goals",
    /^every table with a version has the trigger/,
  ],
};

it.each(Object.entries(faults))("%s is noticed", async (_name, [fault, ...rules]) => {
  const results = await runTapFile(database.url("postgres"), file, fault);
  const broken = results.filter(({ ok }) => !ok).map(({ name }) => name);
  for (const rule of rules) expect(broken).toContainEqual(expect.stringMatching(rule));
});

it("without a fault none of them complains", async () => {
  const results = await runTapFile(database.url("postgres"), file);
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
});
