import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../support/http.ts";
import { as, asAnon, asService, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Reaching what REST does not serve. */
let stack: TestStack;
let people: Record<"ada" | "eve", Person>;

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "eve");
  await stack.db.query("insert into public.goals (owner_id, title) values ($1, 'Run')", [people.ada.id]);
});
afterAll(() => stack?.close());

const get = (person: Person, path: string, headers: Record<string, string> = {}) =>
  stack.send({ path: `/rest/v1/${path}`, headers: { ...as(stack, person), ...headers } });

describe("another schema", () => {
  it.each([
    ["auth", "users"],
    ["private", "settings"],
    ["pgmq", "meta"],
    ["extensions", "pg_stat_statements"],
    ["information_schema", "tables"],
    ["pg_catalog", "pg_authid"],
    ["supabase_migrations", "schema_migrations"],
    ["storage", "objects"],
    ["realtime", "messages"],
    ["PUBLIC", "goals"],
    ['public"; set role postgres; --', "goals"],
    ["", "goals"],
  ])("%s.%s is reached by no profile header (406 PGRST106) and no path (404)", async (schema, table) => {
    for (const headers of [asAnon(stack), as(stack, people.eve), asService(stack)]) {
      const read = await stack.send({
        path: `/rest/v1/${table}?limit=1`,
        headers: { ...headers, "accept-profile": schema },
      });
      const write = await stack.send({
        method: "POST",
        path: `/rest/v1/${table}`,
        headers: { ...headers, "content-profile": schema },
        body: { title: "x" },
      });
      expect([refusal(read), refusal(write)]).toEqual(["406 PGRST106", "406 PGRST106"]);
      if (table === "goals") continue;
      // Public has a table of that name as well.
      const bare = table === "messages" ? [] : [table];
      for (const path of [...bare, `${schema}.${table}`, encodeURIComponent(`"${schema}"."${table}"`)]) {
        expect((await stack.send({ path: `/rest/v1/${path}`, headers })).status).toBe(404);
      }
    }
  });

  it("public is reached by its name", async () => {
    expect((await get(people.ada, "goals?select=title", { "accept-profile": "public" })).json).toEqual([
      { title: "Run" },
    ]);
  });

  it("is no table's neighbour: what Postgres keeps about itself is no resource (404)", async () => {
    for (const table of ["pg_authid", "pg_shadow", "pg_stat_activity", "pg_roles", "pg_policies", "users"]) {
      expect((await get(people.eve, table)).status).toBe(404);
    }
  });
});
