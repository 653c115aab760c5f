import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, callers, type Outcome, type TableExpectations } from "./expectations.ts";
import { equivalents, type Mutant, mutantsOf } from "./mutants.ts";
import { type Prepared, type Statement, statements, tryStatement } from "./over-sql.ts";
import { tables } from "./tables/index.ts";
import { openWorld, ownerFor, type World } from "./world.ts";

/**
 * Each policy is spoiled inside a transaction that is undone, and the cells of its table are tried again: where
 * none comes out differently, no test holds that policy.
 */
let world: World;
let mutants: Mutant[];
const survivors: string[] = [];
beforeAll(async () => {
  world = await openWorld();
  mutants = await mutantsOf(world.stack);
});
afterAll(() => world?.close());

/** Runs `work` in a transaction that leaves nothing behind. */
async function undone<T>(work: () => Promise<T>): Promise<T> {
  await world.stack.db.query("begin");
  try {
    return await work();
  } finally {
    await world.stack.db.query("rollback");
  }
}

type Preparation = Map<Caller, Prepared>;

async function prepare(table: TableExpectations): Promise<Preparation> {
  const prepared: Preparation = new Map();
  for (const caller of callers) {
    const key = await table.seed(world, await ownerFor(world, caller));
    prepared.set(caller, { key, row: await table.insert(world, await ownerFor(world, caller)) });
  }
  return prepared;
}

async function runCells(table: TableExpectations, prepared: Preparation): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const [caller, rows] of prepared) {
    for (const statement of statements) {
      outcomes.set(`${caller}, ${statement}`, await tryStatement(world, table, statement, caller, rows));
    }
  }
  return outcomes;
}

/** What SQL says where HTTP says this: the rows, or the SQLSTATE. */
const inSql = (outcome: Outcome) => outcome.replace(/^\d+[:/]/, "");

describe.each(tables)("$name", (table) => {
  it("comes out in SQL as it does over HTTP, and each spoiled policy comes out differently", async () => {
    await undone(async () => {
      const prepared = await prepare(table);
      const sound = await runCells(table, prepared);
      for (const caller of callers) {
        for (const statement of statements.filter(isCommand)) {
          const cell = `${caller}, ${statement}`;
          expect([cell, sound.get(cell)]).toEqual([cell, inSql(table.cells[statement][caller])]);
        }
      }
      for (const mutant of mutants.filter((one) => one.table === table.name)) {
        await world.stack.db.query("savepoint mutant");
        await world.stack.db.query(mutant.sql);
        const spoiled = await runCells(table, prepared);
        await world.stack.db.query("rollback to savepoint mutant");
        if ([...sound].every(([cell, outcome]) => spoiled.get(cell) === outcome)) survivors.push(mutant.name);
      }
    });
  });
});

const isCommand = (statement: Statement) => statement !== "update all";

describe("policies", () => {
  it("are mutated, every one of public", () => {
    const covered = new Set(tables.map(({ name }) => name));
    expect(mutants.filter(({ table }) => !covered.has(table))).toEqual([]);
    expect(mutants.length).toBeGreaterThan(2 * tables.length);
  });

  it("survive mutation nowhere but where the mutant is provably equivalent", () => {
    expect(survivors.sort()).toEqual(Object.keys(equivalents).sort());
  });
});
