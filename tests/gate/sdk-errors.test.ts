import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../sdk/src/errors.ts";
import { BY_CODE } from "../../sdk/src/failure/auth.ts";
import { BY_SQLSTATE } from "../../sdk/src/failure/database.ts";

interface Entry {
  code: string;
  states: string[];
  auth: string[];
}

const page = readFileSync("docs/errors.md", "utf8");
const entries: Entry[] = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => {
    const [, code = "", states = "", auth = ""] = line.split("|");
    return { code: words(code)[0] ?? "", states: words(states), auth: words(auth) };
  });
const sql = readdirSync("supabase/migrations")
  .map((file) => readFileSync(`supabase/migrations/${file}`, "utf8"))
  .join("\n");

function words(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
}

describe("docs/errors.md", () => {
  it("has a row for each code of the SDK, in its order, and no other", () => {
    expect(entries.map(({ code }) => code)).toEqual([...ERROR_CODES]);
  });

  it("has every SQLSTATE that the migrations raise, once, and none that they do not", () => {
    const raised = new Set(sql.match(/\bTK\d{3}\b/g));
    const told = entries.flatMap(({ states }) => states.filter((state) => state.startsWith("TK")));
    expect([...told].sort()).toEqual([...raised].sort());
  });

  it("joins each SQLSTATE with the code that is raised with it", () => {
    const pairs = [...sql.matchAll(/'(TK\d{3})',\s*(?:'code',\s*)?'([A-Z]+_[A-Z_]+)'/g)];
    expect(pairs.length).toBeGreaterThan(10);
    for (const [, state = "", code] of pairs) {
      const entry = entries.find(({ states }) => states.includes(state));
      expect(`${state} ${entry?.code}`).toBe(`${state} ${code}`);
    }
  });

  it("tells Postgres' and Auth's codes as the SDK maps them", () => {
    for (const { code, states, auth } of entries) {
      const mapped = Object.keys(BY_SQLSTATE).filter((state) => BY_SQLSTATE[state] === code);
      expect(states.filter((state) => !state.startsWith("TK"))).toEqual(expect.arrayContaining(mapped));
      expect([...auth].sort()).toEqual(
        Object.keys(BY_CODE)
          .filter((name) => BY_CODE[name] === code)
          .sort(),
      );
    }
  });

  it("every code in the migrations' text is one that the SDK knows", () => {
    const named = new Set(sql.match(/'(USAGE|AUTH|ACCESS|LIMIT|CONFLICT|NETWORK)_[A-Z_]+[A-Z]'/g));
    for (const name of named) expect(ERROR_CODES).toContain(name.slice(1, -1));
  });
});
