import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TrackIt } from "../../sdk/src/index.ts";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "./sdk-kit.ts";
import { follow } from "./watch-kit.ts";

let kit: SdkKit;
let proxy: CuttingProxy;
beforeAll(async () => {
  kit = await startSdkKit();
});
afterAll(() => kit.stop());
beforeEach(async () => {
  proxy = await cuttingProxy(kit.stack.env.API_URL);
});
afterEach(() => proxy.close());

/** ada with a laptop that keeps writes, behind a line that can be cut, and a phone. */
async function ada() {
  const laptop = kit.trackit({ url: proxy.url, offline: true });
  const { email } = await kit.join("kept-ada", laptop);
  const phone = kit.trackit();
  await phone.auth.signIn({ email, password: PASSWORD });
  return { laptop, phone };
}

const state = (trackit: TrackIt) => expect.poll(() => trackit.connection.state);

describe("what ada writes without a network", () => {
  it("is shown at once by what she watches, and replaced by the stored rows when it was sent", async () => {
    const { laptop, phone } = await ada();
    const shoes = await laptop.tasks.create({ title: "Shoes" });
    const { told, rows } = await follow(laptop, { status: "todo" });
    await told.take();
    proxy.set("down");
    await state(laptop).toBe("offline");
    const socks = await laptop.tasks.create({ title: "Socks" });
    expect(await told.take("a kept task")).toEqual({ kind: "added", row: socks });
    const boots = await laptop.tasks.update(shoes.id, { title: "Boots" });
    expect(await told.take("a kept change")).toEqual({ kind: "changed", row: boots });
    await laptop.tasks.setStatus(socks.id, "done");
    expect(await told.take()).toEqual({ kind: "removed", id: socks.id });
    // A watch that begins later shows it as well, once it has read the table.
    const later = laptop.tasks.watch({}, () => {});
    proxy.set("open");
    await expect.poll(() => laptop.outbox.flush()).toMatchObject({ pending: 0, failed: 0 });
    const stored = await phone.tasks.get(shoes.id);
    expect(stored).toMatchObject({ title: "Boots", version: 2 });
    await expect.poll(() => [...rows.values()]).toEqual([stored]);
    await later.ready;
    // The optimistic row has the version that it is based on; no version comes twice, and none goes back.
    const versions = told.all.flatMap((change) =>
      "row" in change && change.row.id === shoes.id ? [change.row.version] : [],
    );
    expect(versions).toEqual([1, 2]);
  });

  it("is taken back by what she watches when she cancels it", async () => {
    const { laptop, phone } = await ada();
    const task = await phone.tasks.create({ title: "Shoes" });
    const { told } = await follow(laptop);
    expect(await told.take()).toEqual({ kind: "snapshot", rows: [task] });
    proxy.set("down");
    await laptop.tasks.update(task.id, { title: "Mine" });
    expect(await told.take()).toMatchObject({ kind: "changed", row: { title: "Mine", version: 1 } });
    const made = await laptop.tasks.create({ title: "New" });
    expect(await told.take()).toEqual({ kind: "added", row: made });
    const cancel = (id: string) =>
      laptop.outbox.cancel(id).then(
        () => "cancelled",
        ({ code }) => code,
      );
    // One that is just being tried cannot be taken back.
    for (const { id } of await laptop.outbox.pending()) await expect.poll(() => cancel(id)).toBe("cancelled");
    expect(await told.takeMany(2)).toEqual([
      { kind: "changed", row: task },
      { kind: "removed", id: made.id },
    ]);
  });

  it("stays shown while it is refused, above what others have written", async () => {
    const { laptop, phone } = await ada();
    const task = await phone.tasks.create({ title: "Shoes" });
    const { told, rows } = await follow(laptop);
    await told.take();
    proxy.set("down");
    await laptop.tasks.update(task.id, { title: "Mine" });
    await told.take();
    const theirs = await phone.tasks.update(task.id, { title: "Theirs" });
    proxy.set("open");
    await expect.poll(() => laptop.outbox.flush()).toMatchObject({ pending: 0, failed: 1 });
    await state(laptop).toBe("online");
    expect(rows.get(task.id)).toMatchObject({ title: "Mine" });
    const [refused] = await laptop.outbox.failed();
    await laptop.outbox.cancel(refused?.id ?? "");
    expect(await told.take()).toEqual({ kind: "changed", row: theirs });
  });
});
