import { afterEach, expect, it, vi } from "vitest";
import type { Core } from "./core.ts";
import { keeping, Upkeep } from "./upkeep.ts";

const { delay, between } = keeping;
afterEach(() => {
  Object.assign(keeping, { delay, between });
  vi.doUnmock("./keep-up.ts");
});

it("what a device does unasked is done later where its code cannot be loaded, and nothing is thrown at nobody", async () => {
  Object.assign(keeping, { delay: 1, between: 1 });
  let [isOnline, asked] = [false, 0];
  const done = vi.fn(async () => {});
  vi.doMock("./keep-up.ts", () => {
    asked += 1;
    if (!isOnline) throw new Error("Failed to fetch dynamically imported module");
    return { keepUp: done };
  });
  const upkeep = new Upkeep({} as Core);
  upkeep.stir();
  await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(done).not.toHaveBeenCalled();
  isOnline = true;
  await expect.poll(() => done.mock.calls.length, { timeout: 30_000 }).toBe(1);
  await upkeep.close();
});
