import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callers, commands } from "./expectations.ts";
import { tryCommand } from "./over-http.ts";
import { tableNames, tables } from "./tables/index.ts";
import { openWorld, type World } from "./world.ts";

/**
 * The matrix once more on a database whose row-level security is off: what then comes out differently is what
 * policies hold, and that it does come out differently shows that the matrix can fail.
 */
let world: World;
beforeAll(async () => {
  world = await openWorld();
  for (const name of tableNames) {
    await world.stack.db.query(`alter table public.${name} disable row level security`);
  }
});
afterAll(() => world?.close());

describe.each(tables)("$title without row-level security", (table) => {
  const open = table.cellsWithoutRls;
  const differs = commands.flatMap((command) =>
    callers.filter((caller) => open[command][caller] !== table.cells[command][caller]),
  );

  it("has cells that turn red", () => {
    expect(differs).toContain("sue");
    expect(differs).toContain("gone");
  });

  for (const command of commands) {
    for (const caller of callers) {
      const expected = open[command][caller];
      const red = expected === table.cells[command][caller] ? "as ever" : "RED";
      it(`${caller}, ${command}: ${expected}, ${red}`, async () => {
        expect((await tryCommand(world, table, command, caller)).outcome).toBe(expected);
      });
    }
  }
});
