import { afterAll, beforeAll, expect, it } from "vitest";
import { type Caller, callers, type Outcome } from "./expectations.ts";
import type { Mutant } from "./mutants.ts";
import { sharedRoom } from "./tables/rooms.ts";
import { type Act, type Present, topics } from "./topics/expectations.ts";
import { topicMutants } from "./topics/mutants.ts";
import { ask, type Question } from "./topics/over-sql.ts";
import { openWorld, type World } from "./world.ts";

/**
 * What Realtime asks of the policies is asked as Realtime does it, and comes out as on the socket; then once more with
 * each policy, and each function behind it, spoiled: where nothing comes out differently, no test holds it. It also
 * holds what the stack's own server never gets to ask, because it refuses sessions that have ended before.
 */
let world: World;
let mutants: Mutant[];
let present: Record<"ada" | "sue" | "gone", Present>;
beforeAll(async () => {
  world = await openWorld();
  mutants = await topicMutants(world);
  await world.stack.db.query("update private.user_topics set rev = 5");
  const room = await sharedRoom(world);
  const at = (name: "ada" | "sue" | "gone"): Present => ({ id: world.cast[name].id, rev: 5, room });
  present = { ada: at("ada"), sue: at("sue"), gone: at("gone") };
});
afterAll(() => world?.close());

interface Cell extends Question {
  caller: Caller;
  /** Where the table of acts says what must come out. */
  expected: Outcome | null;
}

const questions = [
  { command: "select", extension: "broadcast", act: "listen" },
  { command: "select", extension: "presence", act: "look" },
  { command: "insert", extension: "broadcast", act: "speak" },
  { command: "insert", extension: "presence", act: "appear" },
] as const satisfies { command: "select" | "insert"; extension: string; act: Act }[];

const denied = { select: "0", insert: "42501" } as const;

/** Everybody, on every topic, in every way; then rows that Realtime would never make. */
function cellsOf(caller: Caller): Cell[] {
  const own = caller === "sue" || caller === "gone" ? present[caller] : present.ada;
  const cells = topics.flatMap(({ names, cells: table }) =>
    names(own).flatMap((topic) =>
      questions.map(({ command, extension, act }): Cell => {
        const granted = /^(?:heard|seen)$/.test(table[act][caller]);
        return { caller, command, extension, asked: topic, topic, expected: granted ? "1" : denied[command] };
      }),
    ),
  );
  const [user, live] = [`user:${own.id}:${own.rev}`, `live:${own.id}:${own.rev}`];
  const strange = (["select", "insert"] as const).flatMap((command): Cell[] => {
    const expected = caller === "service" ? "1" : denied[command];
    return [
      { caller, command, extension: "broadcast", asked: live, topic: user, expected },
      {
        caller,
        command,
        extension: "broadcast",
        asked: user,
        topic: `user:${crypto.randomUUID()}:5`,
        expected,
      },
      { caller, command, extension: "postgres_changes", asked: live, topic: live, expected },
    ];
  });
  return [...cells, ...strange];
}

async function runCells(cells: Cell[]): Promise<[Cell, Outcome][]> {
  const outcomes: [Cell, Outcome][] = [];
  for (const cell of cells) outcomes.push([cell, await ask(world, cell.caller, cell)]);
  return outcomes;
}

/** Runs `work` in a transaction that leaves nothing behind. */
async function undone<T>(work: () => Promise<T>): Promise<T> {
  await world.stack.db.query("begin");
  try {
    return await work();
  } finally {
    await world.stack.db.query("rollback");
  }
}

it.each(callers)("%s: Postgres answers as the socket does", async (caller) => {
  await undone(async () => {
    for (const [cell, outcome] of await runCells(cellsOf(caller))) {
      expect({ ...cell, outcome }).toEqual({ ...cell, outcome: cell.expected });
    }
  });
});

it("comes out differently with each policy and each function behind it spoiled", async () => {
  const cells = callers.flatMap(cellsOf);
  await undone(async () => {
    const survivors: string[] = [];
    for (const mutant of mutants) {
      await world.stack.db.query("savepoint mutant");
      await world.stack.db.query(mutant.sql);
      if (!(await isNoticed(cells))) survivors.push(mutant.name);
      await world.stack.db.query("rollback to savepoint mutant");
    }
    expect(survivors).toEqual([]);
  });
});

/** Whether a cell comes out differently; stops at the first, which the next mutant is tried on before all others. */
async function isNoticed(cells: Cell[]): Promise<boolean> {
  for (const [at, cell] of cells.entries()) {
    if ((await ask(world, cell.caller, cell)) === cell.expected) continue;
    cells.unshift(...cells.splice(at, 1));
    return true;
  }
  return false;
}

it("mutates every policy of realtime.messages, and in no fewer ways than there are conditions", async () => {
  const { rows } = await world.stack.db.query<{ name: string }>(
    "select policyname as name from pg_policies where schemaname = 'realtime' order by 1",
  );
  for (const { name } of rows) {
    expect([name, mutants.filter((mutant) => mutant.name.startsWith(`${name}:`)).length > 1]).toEqual([
      name,
      true,
    ]);
  }
  expect(rows.map(({ name }) => name)).toEqual(["messages_insert", "messages_live", "messages_select"]);
});
