import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { statementsOf } from "./statements.ts";

describe("statementsOf()", () => {
  it.each([
    ["select 1; select 2", ["select 1;", "select 2"]],
    ["select ';'; select 2;", ["select ';';", "select 2;"]],
    ["select 'it''s;'; select 2;", ["select 'it''s;';", "select 2;"]],
    ["select e'\\';'; select 2;", ["select e'\\';';", "select 2;"]],
    ["select '\\'; select 2;", ["select '\\';", "select 2;"]],
    ['select 1 as ";""x"; select 2;', ['select 1 as ";""x";', "select 2;"]],
    ["do $$ begin; end $$; select 2;", ["do $$ begin; end $$;", "select 2;"]],
    ["do $a$ $b$; $$; $a$; select 2;", ["do $a$ $b$; $$; $a$;", "select 2;"]],
    ["select a$b; select c$b;", ["select a$b;", "select c$b;"]],
    ["-- one; two\nselect 1;", ["select 1;"]],
    ["/* one; /* two; */ three; */ select 1;", ["select 1;"]],
    ["select /* a; /* b; */ c; */ 1; select 2;", ["select /* a; /* b; */ c; */ 1;", "select 2;"]],
    [" ;;\n; ", []],
    ["", []],
    ["select 'never closed; select 2;", ["select 'never closed;", "select 2;"]],
  ])("%j", (file, wanted) => {
    expect(statementsOf(file).map(({ sql }) => sql)).toEqual(wanted);
  });

  it("tells the line on which each begins, comments before it aside", () => {
    const file = "-- why\nselect 1;\n\n/* more\n*/\n  select\n 2; select 3;";
    expect(statementsOf(file).map(({ line }) => line)).toEqual([2, 6, 7]);
  });

  it("loses nothing but space and comments of the project's own migrations", () => {
    const folder = path.resolve(import.meta.dirname, "../../../supabase/migrations");
    const bare = (sql: string) => sql.replace(/--[^\n]*|\s+/g, "");
    for (const name of readdirSync(folder)) {
      const file = readFileSync(path.join(folder, name), "utf8");
      expect(
        bare(
          statementsOf(file)
            .map(({ sql }) => sql)
            .join(""),
        ),
      ).toBe(bare(file));
    }
  });
});
