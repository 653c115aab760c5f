import { afterAll, it } from "vitest";
import { cleanUp, makeProject } from "../story/stack-kit.ts";
import { files } from "../story/storage-kit.ts";
import { seed } from "../support/random.ts";
import { killWhileWriting } from "../support/storage-kills.ts";

afterAll(cleanUp);

/** 20 in CI; 200 by command: TRACKIT_KILLS=200 npm run test:long */
const kills = Number(process.env.TRACKIT_KILLS ?? 20);

it(
  `${kills} kills while files are written: none that was acknowledged is lost, none is left over (seed ${seed})`,
  () => killWhileWriting(makeProject(files), kills, seed),
  3_600_000,
);
