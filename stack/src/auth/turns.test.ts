import { expect, it } from "vitest";
import { Turns } from "./turns.ts";

it("two places are never held by three, all come to their turn in order, and a failure gives its place back", async () => {
  const turns = new Turns(2);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const work = (n: number) => async () => {
    started.push(n);
    running += 1;
    most = Math.max(most, running);
    await new Promise((done) => setImmediate(done));
    running -= 1;
    if (n === 1) throw new Error("no");
    return n;
  };
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => turns.run(work(n))));
  expect(results.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
  expect(await turns.run(async () => "again")).toBe("again");
});
