import { afterAll, it } from "vitest";
import { cleanUp } from "../story/stack-kit.ts";
import { killWhileSending } from "../support/files-kills.ts";
import { seed } from "../support/random.ts";

/** 10 in CI; 200 by command: TRACKIT_KILLS=200 npx vitest run --project long tests/long/files-kills.test.ts */
const kills = Number(process.env.TRACKIT_KILLS ?? 10);

afterAll(cleanUp);

it(
  `${kills} kills while files are sent: each that was acknowledged can be read, quotas are exact, nothing is left over (seed ${seed})`,
  () => killWhileSending(kills, seed),
  3_600_000,
);
