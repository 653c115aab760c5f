/** Half-open connections: nobody is told that they carry nothing any more. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Account, type Device, deviceOf, deviceWithClient } from "../support/live/cast.ts";
import { hasten } from "../support/live/haste.ts";
import { House } from "../support/live/house.ts";
import { cleanUp } from "./stack-kit.ts";

let house: House;
let account: Account;
let phone: Device;
let atEase = (): void => {};
beforeAll(async () => {
  house = await House.open();
  account = await house.register("ada");
  phone = await deviceOf(house, account, "phone");
});
beforeEach(() => {
  atEase = hasten();
});
afterEach(() => atEase());
afterAll(async () => {
  await phone?.trackit.close();
  await phone?.line.close();
  await house?.close();
  cleanUp();
});

it.each([
  ["a client of the SDK's", deviceOf],
  ["a client of the app's own, whose requests wait for ever", deviceWithClient],
])("what changes is found through %s when its connections fall silent", async (name, open) => {
  const laptop = await open(house, account, name);
  try {
    const titles = new Set<string>();
    await laptop.trackit.tasks.watch({}, (change) => {
      if (change.kind === "added") titles.add(change.row.title);
      else if (change.kind === "snapshot") for (const { title } of change.rows) titles.add(title);
    }).ready;
    await expect.poll(() => laptop.line.listens).toBe(true);
    // A request that is under way, and connections that are kept for the next one.
    laptop.trackit.tasks
      .list()
      .toArray()
      .catch(() => {});
    laptop.line.freeze();
    const { title } = await phone.trackit.tasks.create({ title: name });
    await expect.poll(() => titles.has(title), { timeout: 60_000 }).toBe(true);
  } finally {
    await laptop.line.close();
    await laptop.trackit.close();
  }
});
