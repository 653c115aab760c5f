import { afterAll, beforeAll, it } from "vitest";
import { real } from "../../sdk/src/retry/around.ts";
import { type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { expectFilesThroughCuts } from "../support/files-cuts.ts";
import { seed } from "../support/random.ts";

/** By command as many as one likes: TRACKIT_CUTS=1000 npx vitest run --project long tests/long/files-cuts.test.ts */
const cuts = Number(process.env.TRACKIT_CUTS ?? 100);

let kit: SdkKit;
let proxy: CuttingProxy;
const { wait } = real;
beforeAll(async () => {
  // Between two tries an app waits for a second; here, a tenth of it.
  real.wait = (ms, signal) => wait(ms / 10, signal);
  kit = await startSdkKit();
  proxy = await cuttingProxy(kit.stack.env.API_URL);
});
afterAll(async () => {
  real.wait = wait;
  await kit?.stop();
  await proxy?.close();
});

it(`a file through ${cuts} cuts and ten restarts is what it was, and no part that arrived is sent again (seed ${seed})`, async () => {
  // Seven pieces of a request at most lie between two cuts.
  const size = Math.max(40_000_000, cuts * 7 * 65_536);
  await expectFilesThroughCuts({ kit, proxy, size, cuts, restarts: 10, seed });
});
