/** The outbox through a line that is cut, longer than its story has it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { cuttingProxy } from "../support/cutting-proxy.ts";
import { expectWritesThroughCuts, KeepingDevice } from "../support/outbox-cuts.ts";
import { seed } from "../support/random.ts";

/** By command TRACKIT_CUTS=500 TRACKIT_WRITES=10000 npx vitest run --project long tests/long/outbox-cuts.test.ts */
const cuts = Number(process.env.TRACKIT_CUTS ?? 100);
const writes = Number(process.env.TRACKIT_WRITES ?? 2_000);

let kit: SdkKit;
beforeAll(async () => {
  kit = await startSdkKit();
});
afterAll(() => kit?.stop());

it(`${writes} writes and ${cuts} cuts leave every row as it was written, each write once (seed ${seed})`, async () => {
  const proxy = await cuttingProxy(kit.stack.env.API_URL);
  try {
    const device = new KeepingDevice(kit, () => proxy.url);
    const { trackit: first } = await kit.join("cut-ada", device.start());
    const restarts = Math.ceil(cuts / 20);
    await expectWritesThroughCuts({ kit, proxy, device, first, writes, cuts, restarts, seed });
    expect(proxy.cuts).toBe(cuts);
  } finally {
    await proxy.close();
  }
}, 3_600_000);
