/** What follows from the migrations is what they make now, and the real CLI agrees with the stack about them. */
import { readFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderSchema } from "../../scripts/schema/render.ts";
import { renderTypes, runTool } from "../../scripts/schema/types.ts";
import { schemaFile, typesFile } from "../../scripts/schema.ts";
import { readConfig } from "../../stack/src/config/project.ts";
import { migrate } from "../../stack/src/postgres/migrate.ts";
import { type Database, openDatabase, root } from "../sql/support/database.ts";

let database: Database;
let empty: Database;
beforeAll(async () => {
  database = await openDatabase();
  empty = await openDatabase({ migrations: false });
});
afterAll(() => Promise.all([database.close(), empty.close()]));

const remedy = "run npx tsx scripts/schema.ts and commit what it writes";

/** A command of the Supabase CLI on a database, its answer read as JSON. */
async function supabase<Answer>(database: Database, ...args: string[]): Promise<Answer> {
  const target = `--remote=${database.url("postgres")}`;
  const { stdout } = await runTool("supabase", [...args, target, "--output-format", "json"]).catch(
    (error: { stdout?: string; message: string }) => {
      if (error.stdout?.includes("{")) return { stdout: error.stdout };
      throw new Error(error.message);
    },
  );
  return JSON.parse(stdout.slice(stdout.indexOf("{"))) as Answer;
}

interface Advice {
  results: { name: string; level: string; detail?: string }[];
}
interface Migrations {
  migrations: { local: string; remote: string }[];
}

const advise = (database: Database) => supabase<Advice>(database, "db", "advisors", "--fail-on", "warn");
const pending = async (database: Database) =>
  (await supabase<Migrations>(database, "migration", "list")).migrations.filter(
    ({ local, remote }) => local !== remote,
  );

it("supabase/schema.sql is what the migrations make", async () => {
  expect(await renderSchema(database.admin), remedy).toBe(await readFile(schemaFile, "utf8"));
});

it("the SDK's database types are what the CLI generates", async () => {
  expect(await renderTypes(database.url("postgres")), remedy).toBe(await readFile(typesFile, "utf8"));
});

describe("supabase db advisors", () => {
  it("finds nothing at warn or above", async () => {
    const { results } = await advise(database);
    expect(results.filter(({ level }) => level !== "INFO")).toEqual([]);
  });

  it("would find a table without row-level security", async () => {
    const client = new pg.Client(empty.url("postgres"));
    await client.connect();
    await client.query(
      "create table public.careless (id integer primary key); grant select on public.careless to anon",
    );
    const { results } = await advise(empty);
    await client.query("drop table public.careless");
    await client.end();
    expect(results.map(({ name }) => name)).toContain("rls_disabled_in_public");
  });
});

describe("the CLI's own way of applying migrations", () => {
  it("has nothing pending where the stack has applied them", async () => {
    expect(await pending(database)).toEqual([]);
  });

  it("applies them to an empty database and makes the same schema", async () => {
    expect((await pending(empty)).length).toBeGreaterThan(0);
    await runTool("supabase", ["db", "push", `--remote=${empty.url("postgres")}`, "--yes"]);
    expect(await pending(empty)).toEqual([]);
    expect(await renderSchema(empty.admin)).toBe(await renderSchema(database.admin));
  });

  it("leaves nothing for the stack to apply", async () => {
    expect(await migrate(empty.url("postgres"), root, (await readConfig(root)).db)).toEqual([]);
  });
});
