import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callers, commands, type Outcome } from "./expectations.ts";
import { functions } from "./functions.ts";
import { tryColumn, tryCommand, tryFunction, tryInsertWith } from "./over-http.ts";
import { columnsOf, functionsOf, tablesOf } from "./state.ts";
import { tableNames, tables } from "./tables/index.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const writes = (outcome: Outcome) => /^20[01]:[1-9]/.test(outcome);

describe("what the matrix covers", () => {
  it("is every table of public", async () => {
    expect(tableNames).toEqual(await tablesOf(world.stack));
  });

  it("is every function of public", async () => {
    expect(functions.map(({ name }) => name).sort()).toEqual(await functionsOf(world.stack));
  });

  it.each(tableNames)("is every column of %s", async (name) => {
    const named = tables
      .filter((table) => table.name === name)
      .flatMap(({ columns: { open, closed, generated } }) =>
        [open, closed].flatMap(Object.keys).concat(generated),
      );
    expect(named.sort()).toEqual(await columnsOf(world.stack, name));
  });

  it.each(tables)("is, for every refusal in $title, somebody who succeeds", ({ cells, nobody }) => {
    for (const command of commands) {
      const someone = callers.some((caller) => writes(cells[command][caller]));
      expect(someone || nobody[command] !== undefined, command).toBe(true);
    }
  });
});

describe.each(tables)("$title", (table) => {
  for (const command of commands) {
    for (const caller of callers) {
      const expected = table.cells[command][caller];
      it(`${caller}, ${command}: ${expected}`, async () => {
        const act = await tryCommand(world, table, command, caller);
        expect(act).toEqual({ outcome: expected, changed: command !== "select" && writes(expected) });
      });
    }
  }

  it("takes from ada, with a new row, the columns that it names and no other", async () => {
    const { atInsert, open, closed, generated } = table.columns;
    for (const column of [...Object.keys(open), ...Object.keys(closed), ...generated]) {
      const allowed = atInsert.includes(column);
      const expected = allowed ? "201:1" : generated.includes(column) ? "400/428C9" : "403/42501";
      const act = await tryInsertWith(world, table, column);
      expect([column, act]).toEqual([column, { outcome: expected, changed: allowed }]);
    }
  });

  for (const change of Object.entries(table.columns.open)) {
    it(`ada may change ${change[0]}`, async () => {
      expect(await tryColumn(world, table, "ada", change)).toMatchObject({ outcome: "200:1" });
    });
  }

  for (const change of Object.entries(table.columns.closed)) {
    it(`ada may not change ${change[0]}: 403/42501`, async () => {
      const act = await tryColumn(world, table, "ada", change);
      expect(act).toEqual({ outcome: "403/42501", changed: false });
    });

    const byService = table.columns.serviceOutcomes[change[0]] ?? "200:1";
    it(`the service, ${change[0]}: ${byService}`, async () => {
      expect(await tryColumn(world, table, "service", change)).toMatchObject({ outcome: byService });
    });
  }

  for (const column of table.columns.generated) {
    it(`nobody may change ${column}: 400/428C9`, async () => {
      for (const caller of ["ada", "service"] as const) {
        const act = await tryColumn(world, table, caller, [column, null]);
        expect(act).toEqual({ outcome: "400/428C9", changed: false });
      }
    });
  }
});

describe.each(functions)("rpc/$name", (called) => {
  for (const caller of callers) {
    const expected = called.line[caller];
    it(`${caller}: ${expected}`, async () => {
      expect(await tryFunction(world, called, caller)).toBe(expected);
    });
  }
});
