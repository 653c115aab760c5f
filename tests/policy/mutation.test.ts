import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, callers, commands, type Outcome, type TableExpectations } from "./expectations.ts";
import { equivalents, type Mutant, mutantsOf } from "./mutants.ts";
import { type Prepared, statements, tryStatement } from "./over-sql.ts";
import { tableNames, tables } from "./tables/index.ts";
import { openWorld, ownerFor, type World } from "./world.ts";

/**
 * Each policy is spoiled inside a transaction that is undone, and the cells of its table are tried again: where
 * none comes out differently, no test holds that policy.
 */
let world: World;
let mutants: Mutant[];
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

describe.each(tableNames)("%s", (name) => {
  const kinds = tables.filter((table) => table.name === name);

  it.each(kinds)("$title comes out in SQL as it does over HTTP", async (table) => {
    await undone(async () => {
      const sound = await runCells(table, await prepare(table));
      for (const caller of callers) {
        for (const command of commands) {
          const cell = `${caller}, ${command}`;
          expect([cell, sound.get(cell)]).toEqual([cell, inSql(table.cells[command][caller])]);
        }
      }
    });
  });

  it("comes out differently with each of its policies spoiled, equivalent mutants aside", async () => {
    await undone(async () => {
      const prepared = await Promise.all(kinds.map(prepare));
      const runAll = async () => {
        const all = [];
        for (const [at, table] of kinds.entries())
          all.push([...(await runCells(table, prepared[at] ?? new Map()))]);
        return all;
      };
      const sound = JSON.stringify(await runAll());
      const survivors: string[] = [];
      for (const mutant of mutants.filter(({ table }) => table === name)) {
        await world.stack.db.query("savepoint mutant");
        await world.stack.db.query(mutant.sql);
        if (JSON.stringify(await runAll()) === sound) survivors.push(mutant.name);
        await world.stack.db.query("rollback to savepoint mutant");
      }
      const excused = mutants.filter(({ table, name: mutant }) => table === name && mutant in equivalents);
      expect(survivors.sort()).toEqual(excused.map((mutant) => mutant.name).sort());
    });
  });
});

describe("policies", () => {
  it("are mutated, every one of public", async () => {
    const { rows } = await world.stack.db.query<{ name: string }>(
      "select policyname as name from pg_policies where schemaname = 'public' order by 1",
    );
    const mutated = new Set(mutants.map(({ name }) => name.split(":")[0]));
    expect([...mutated].sort()).toEqual(rows.map(({ name }) => name));
    expect(mutants.filter(({ table }) => !tableNames.includes(table))).toEqual([]);
  });

  it("have no equivalent mutant listed that is no mutant any more", () => {
    const names = mutants.map(({ name }) => name);
    expect(Object.keys(equivalents).filter((name) => !names.includes(name))).toEqual([]);
  });
});
