import { afterAll, beforeAll, it } from "vitest";
import { real } from "../../sdk/src/retry/around.ts";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { expectFileThroughCuts } from "../support/files-cuts.ts";
import { seed } from "../support/random.ts";
import { type SdkKit, startSdkKit } from "./sdk-kit.ts";

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

it(`a file of three parts through 20 cuts and 2 restarts is what it was, and no cut costs more than a part (seed ${seed})`, async () => {
  await expectFileThroughCuts({ kit, proxy, size: 13_000_000, cuts: 20, restarts: 2, encrypt: true, seed });
});
