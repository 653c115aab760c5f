/** Live data through a network, a stack and a database that fail: every watcher ends equal to the table. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { expectSense } from "../support/live/judge.ts";
import { type Run, runFaults } from "../support/live/run.ts";
import { seed } from "../support/random.ts";
import { cleanUp } from "./stack-kit.ts";

// The auth client writes each request that finds no network on the console.
beforeAll(() => void vi.spyOn(console, "error").mockImplementation(() => {}));

let run: Run | null = null;
afterAll(async () => {
  await run?.close();
  cleanUp();
});

it(`20 faults while two devices write 300 rows: every watcher ends equal to the table (seed ${seed})`, async () => {
  run = await runFaults({ faults: 20, rows: 300, seed });
  expectSense(run);
  expect(run.made).toBeGreaterThanOrEqual(300);
  expect(run.happened).toHaveLength(20);
}, 300_000);
