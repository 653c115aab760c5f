import { randomUUID } from "node:crypto";
import { load, rounds } from "./lib/load.ts";
import { giveTasks, makePeople } from "./lib/people.ts";
import { listOf } from "./lib/requests.ts";
import { type Figure, median, type Result, round } from "./lib/result.ts";
import { scratch, startStack } from "./lib/stack.ts";

/** The same list of 20 while other people's rows grow from none to 100,000. */
export async function run(): Promise<Result> {
  const data = scratch();
  const stack = await startStack(data.folder);
  try {
    const [ada] = await makePeople(stack, 1);
    if (!ada) throw new Error("Nobody was made");
    await giveTasks(stack, [ada.id], 20);
    const list = listOf(stack, ada);
    // What comes first is measured on a cold process otherwise.
    await load(stack.url, [list]);
    const figures: Figure[] = [];
    let others = 0;
    for (const wanted of [0, 10_000, 100_000]) {
      const owners = Array.from({ length: (wanted - others) / 100 }, () => randomUUID());
      if (owners.length > 0) await giveTasks(stack, owners, 100);
      others = wanted;
      const speeds: number[] = [];
      for (let round = 0; round < rounds; round++) speeds.push((await load(stack.url, [list])).perSecond);
      figures.push({
        name: `with ${wanted.toLocaleString("en")} rows of others`,
        value: median(speeds),
        unit: "requests/s",
      });
    }
    const [none, , most] = figures;
    const ratio = round((most?.value ?? 0) / (none?.value ?? 1), 2);
    figures.push({ name: "100,000 / none", value: ratio, unit: "ratio", goal: ">= 0.9" });
    return { what: "List of one user's 20 tasks as the table grows, 16 connections", figures };
  } finally {
    await stack.stop();
    data.remove();
  }
}
