import { beforeAll, expect, it } from "vitest";
import { type Bytes, concat } from "../bytes/index.ts";
import { addChange, addDevice, newSigner, now, type Person, person, suite } from "../testing/cast.ts";
import { applyDeviceEntry, DEVICE_RULES, type DeviceVoid, makeDeviceEntry, type Signer } from "./index.ts";

/** For each rule a row that it alone refuses: without the rule the row would be taken. */
const rows = new Map<DeviceVoid, { who: Person; row: Bytes }>();

beforeAll(async () => {
  const ada = await person("ada");
  const sign = async (who: Person, change: ReturnType<typeof addChange>, added: Signer, signer = who.phone) =>
    makeDeviceEntry(suite, who.log, change, { signer, added });
  const laptop = await newSigner(ada.user);
  const change = addChange(laptop);
  const row = await sign(ada, change, laptop);
  const elsewhere = { ...ada, log: { ...ada.log, root: suite.random(32) } };
  rows.set("place", { who: ada, row: await sign(elsewhere, change, laptop) });
  const even = change.wrapKey.map((byte, at) => (at === 416 ? 2 : byte));
  rows.set("key", { who: ada, row: await sign(ada, { ...change, wrapKey: even }, laptop) });
  const again = [...ada.log.keys.values()][0]?.wrapKey as Bytes;
  rows.set("reused", { who: ada, row: await sign(ada, { ...change, wrapKey: again }, laptop) });
  const tab = await addDevice(ada, { temporary: true });
  rows.set("right", { who: tab.who, row: await sign(tab.who, change, laptop, tab.device) });
  const nobody = { op: "revoke" as const, keys: [suite.random(16)], time: now() };
  const revoked = await makeDeviceEntry(suite, ada.log, nobody, { signer: ada.phone });
  rows.set("target", { who: ada, row: revoked });
  let full = ada;
  for (let count = 1; count < 32; count++) full = (await addDevice(full)).who;
  rows.set("limit", { who: full, row: await sign(full, change, laptop) });
  rows.set("signature", { who: ada, row: concat(row.slice(0, -64), suite.random(64)) });
});

it.each(DEVICE_RULES.map(([reason]) => reason))("%s: nothing else would refuse this", async (reason) => {
  const { who, row } = rows.get(reason) ?? {};
  if (!who || !row) throw new Error(`a row for ${reason}`);
  expect((await applyDeviceEntry(suite, who.log, row)).verdict).toEqual({ void: reason });
  const others = DEVICE_RULES.filter(([name]) => name !== reason);
  expect((await applyDeviceEntry(suite, who.log, row, others)).verdict).toBe("valid");
});
