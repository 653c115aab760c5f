import { randomUUID } from "node:crypto";
import { load, rounds } from "./lib/load.ts";
import { giveTasks, makePeople } from "./lib/people.ts";
import { listOf } from "./lib/requests.ts";
import { type Figure, median, type Result, round } from "./lib/result.ts";
import { type BenchStack, scratch, startStack } from "./lib/stack.ts";

const sizes = [0, 10_000, 100_000];

/** The same list of 20 beside none, 10,000 and 100,000 rows of others: a stack each, which take turns. */
export async function run(): Promise<Result> {
  const folders = sizes.map(() => scratch());
  const stacks: BenchStack[] = [];
  try {
    for (const { folder } of folders) stacks.push(await startStack(folder));
    const lists = await Promise.all(stacks.map((stack, place) => prepare(stack, sizes[place] ?? 0)));
    const speeds: number[][] = sizes.map(() => []);
    // The first round warms the processes and does not count.
    for (let turn = -1; turn < rounds; turn++) {
      for (const [place, stack] of stacks.entries()) {
        const { perSecond } = await load(stack.url, lists[place] ?? []);
        if (turn >= 0) speeds[place]?.push(perSecond);
      }
    }
    return describe(speeds.map(median));
  } finally {
    for (const stack of stacks) await stack.stop();
    for (const folder of folders) folder.remove();
  }
}

async function prepare(stack: BenchStack, others: number): Promise<ReturnType<typeof listOf>[]> {
  const [ada] = await makePeople(stack, 1);
  if (!ada) throw new Error("Nobody was made");
  const owners = Array.from({ length: others / 100 }, () => randomUUID());
  if (owners.length > 0) await giveTasks(stack, owners, 100);
  await giveTasks(stack, [ada.id], 20);
  return [listOf(stack, ada)];
}

function describe(values: number[]): Result {
  const figures: Figure[] = sizes.map((size, place) => ({
    name: `with ${size.toLocaleString("en")} rows of others`,
    value: values[place] ?? 0,
    unit: "requests/s",
  }));
  const ratio = round((values.at(-1) ?? 0) / (values[0] ?? 1), 2);
  figures.push({ name: "100,000 / none", value: ratio, unit: "ratio", goal: ">= 0.9" });
  return { what: "List of one user's 20 tasks as the table grows, 16 connections", figures };
}
