/** The story of the same name, longer. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { cleanUp } from "../story/stack-kit.ts";
import { expectSense } from "../support/live/judge.ts";
import { type Run, runFaults } from "../support/live/run.ts";
import { seed } from "../support/random.ts";

/** 20 and 300 in the story; by command TRACKIT_FAULTS=200 TRACKIT_ROWS=2000 npx vitest run --project long tests/long/live-faults.test.ts */
const faults = Number(process.env.TRACKIT_FAULTS ?? 40);
const rows = Number(process.env.TRACKIT_ROWS ?? 600);

// The auth client writes each request that finds no network on the console.
beforeAll(() => void vi.spyOn(console, "error").mockImplementation(() => {}));

let run: Run | null = null;
afterAll(async () => {
  await run?.close();
  cleanUp();
});

it(`${faults} faults while two devices write ${rows} rows: every watcher ends equal to the table (seed ${seed})`, async () => {
  const began = Date.now();
  const tell = (what: string) => console.log(`${Math.round((Date.now() - began) / 1000)} s: ${what}`);
  run = await runFaults({ faults, rows, seed, tell });
  expectSense(run);
  expect(run.made).toBeGreaterThanOrEqual(rows);
  expect(run.happened).toHaveLength(faults);
}, 3_600_000);
