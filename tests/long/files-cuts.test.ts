import { afterAll, beforeAll, it } from "vitest";
import { real } from "../../sdk/src/retry/around.ts";
import { type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { expectFileThroughCuts } from "../support/files-cuts.ts";
import { seed } from "../support/random.ts";

/** By command as many as one likes: TRACKIT_CUTS=1000 npx vitest run --project long tests/long/files-cuts.test.ts */
const cuts = Number(process.env.TRACKIT_CUTS ?? 30);

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

for (const encrypt of [true, false])
  it(`${encrypt ? "an encrypted" : "a plain"} file of seven parts through ${cuts} cuts and five restarts, and ${cuts} cuts on its way back, is what it was, and no cut costs more than a part (seed ${seed})`, async () => {
    const size = Math.max(40_000_000, cuts * 400_000);
    await expectFileThroughCuts({ kit, proxy, size, cuts, restarts: 5, encrypt, seed });
  });
