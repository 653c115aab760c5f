import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Task, TaskFilter, TrackIt } from "../../sdk/src/index.ts";
import { Sieve } from "../../sdk/src/live/sieve.ts";
import { sorted } from "../../sdk/src/live/sorted.ts";
import type { View } from "../../sdk/src/live/view.ts";
import { TASK_STATUSES, taskFilter } from "../../sdk/src/schema/task.ts";
import { FINISHED } from "../../sdk/src/tasks/list.ts";
import { isIn } from "../../sdk/src/tasks/watch.ts";
import { type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let trackit: TrackIt;
let rows: Task[];
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const timeZone = "America/Sao_Paulo";

/** Leaves that differ in what one could take for the same. */
const leaf = fc.constantFrom<unknown>(0, 1, 1.5, "1", "", "a", "é", true, false, null);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    leaf,
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("json"), { maxKeys: 3 }),
  ),
}));
const custom = fc.dictionary(fc.constantFrom("a", "b"), json, { maxKeys: 2 }) as fc.Arbitrary<Task["custom"]>;

const minute = 60_000;
/** The deadlines lie around it; the clock stands while the two judge, so that none passes between them. */
const start = Math.floor(Date.now() / 1000) * 1000;
const instants = [-9 * 1440, -1500, -30, -1, 0, 1, 30, 600, 1500, 3000, 6 * 1440, 9 * 1440];
const dueAt = fc
  .record({ minutes: fc.constantFrom(...instants), micros: fc.constantFrom("", "001", "999") })
  .map(({ minutes, micros }) => {
    const iso = new Date(start + minutes * minute).toISOString();
    return iso.replace("000Z", micros === "" ? "000Z" : `000${micros}Z`);
  });

const newTask = fc.record({
  title: fc.constant("x"),
  status: fc.constantFrom(...TASK_STATUSES),
  priority: fc.constantFrom(0, 1, 2, 3),
  tags: fc.subarray(["shop", "home", "a,b", 'q"uote']),
  dueAt: fc.option(dueAt),
  custom,
}) as fc.Arbitrary<{ title: string }>;

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const filter: fc.Arbitrary<TaskFilter> = fc.record(
  {
    status: some(TASK_STATUSES),
    priority: some([0, 1, 2, 3] as const),
    tags: fc.subarray(["shop", "home", "a,b", 'q"uote']),
    custom,
    deleted: fc.boolean(),
    goalId: fc.constant(null),
    due: fc.oneof(
      fc.constantFrom("overdue" as const, "today" as const, "soon" as const, "none" as const),
      fc.record({ from: dueAt, to: dueAt }, { requiredKeys: [] }),
    ),
    sort: fc.constantFrom("position", "createdAt", "updatedAt", "dueAt", "priority"),
    direction: fc.constantFrom("asc", "desc"),
  },
  { requiredKeys: [] },
);

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: start + minute / 2 });
  kit = await startSdkKit();
  ({ trackit } = await kit.join("filters-ada"));
  const many = fc.sample(newTask, { numRuns: 240, seed });
  const made = await trackit.tasks.createMany(many as { title: string }[]);
  await kit.sql`update public.tasks set deleted_at = now() where id = any (${made.slice(0, 40).map(({ id }) => id)})`;
  rows = [
    ...(await trackit.tasks.list().toArray()),
    ...(await trackit.tasks.list({ deleted: true }).toArray()),
  ];
  expect(rows).toHaveLength(240);
});
afterAll(async () => {
  vi.useRealTimers();
  await kit.stop();
});

describe("what a device makes of a filter", () => {
  it(`is what the database makes of it, in the same order (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        const wanted = (await trackit.tasks.list(given, { timeZone }).toArray()).map(({ id }) => id);
        const checked = taskFilter.parse(given);
        const view = {
          filter: checked,
          finished: FINISHED,
          own: (task: Task) => isIn(task, checked as TaskFilter),
        };
        const sieve = new Sieve(view as unknown as View<Task>);
        const at = { now: Date.now(), timeZone };
        const found = rows.filter((row) => sieve.passes(row, at));
        expect(sorted(found, view as unknown as View<Task>).map(({ id }) => id)).toEqual(wanted);
      }),
      { numRuns: 120, seed },
    );
  });
});
