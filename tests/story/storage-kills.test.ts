import { afterAll, it } from "vitest";
import { seed } from "../support/random.ts";
import { killWhileWriting } from "../support/storage-kills.ts";
import { cleanUp, makeProject } from "./stack-kit.ts";
import { files } from "./storage-kit.ts";

afterAll(cleanUp);

// More of them in tests/long.
it(`3 kills while files are written: none that was acknowledged is lost, none is left over (seed ${seed})`, () =>
  killWhileWriting(makeProject(files), 3, seed));
