import { rounds } from "./lib/load.ts";
import { median, type Result, round } from "./lib/result.ts";
import { scratch, startStack } from "./lib/stack.ts";

/** From the start of the process to the first 200 of REST: on an empty data directory, and on one that it knows. */
export async function run(): Promise<Result> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let turn = 0; turn < rounds; turn++) {
    const data = scratch();
    for (const times of [cold, warm]) {
      const stack = await startStack(data.folder);
      times.push(stack.startedIn / 1000);
      await stack.stop();
    }
    data.remove();
  }
  return {
    what: "Start of the built stack to the first 200 of REST, after install",
    figures: [
      {
        name: "cold: initdb, bootstrap, migrations",
        value: round(median(cold), 2),
        unit: "s",
        goal: "<= 1.5",
      },
      {
        name: "warm: a second start on the same data",
        value: round(median(warm), 2),
        unit: "s",
        goal: "<= 0.8",
      },
    ],
  };
}
