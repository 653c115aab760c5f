import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isVersionConflict, type Task, type TrackIt } from "../../sdk/src/index.ts";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { expectWritesThroughCuts, KeepingDevice } from "../support/outbox-cuts.ts";
import { seed } from "../support/random.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "./sdk-kit.ts";

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

async function person(name: string): Promise<{ trackit: TrackIt; device: KeepingDevice; email: string }> {
  const device = new KeepingDevice(kit, () => proxy.url);
  const { trackit, email } = await kit.join(name, device.start());
  return { trackit, device, email };
}

const actions = async (trackit: TrackIt): Promise<string[]> =>
  (await trackit.outbox.pending()).map(({ action }) => action);

describe("ada, without a network", () => {
  it("makes a goal with tasks, changes, orders, deletes and restores; all of it arrives when the network does", async () => {
    const { trackit } = await person("offline-ada");
    const known = await trackit.tasks.create({ title: "known" });
    proxy.set("down");
    const goal = await trackit.goals.create({
      title: "Move house",
      tasks: [{ title: "Pack" }, { title: "Drive" }],
    });
    const [pack, drive] = goal.tasks as [Task, Task];
    expect(goal).toMatchObject({ title: "Move house", tasksTotal: 2, version: 1 });
    await trackit.tasks.setStatus(pack.id, "done");
    await trackit.tasks.reorder(drive.id, { before: pack.id });
    await trackit.tasks.update(known.id, { goalId: goal.id, title: "moved" });
    await trackit.tasks.remove(drive.id);
    await trackit.tasks.restore(drive.id);
    await trackit.goals.reschedule(goal.id, new Date("2027-05-01T10:00:00Z"));
    expect(await trackit.outbox.pending()).toHaveLength(7);
    await expect(trackit.tasks.get(known.id)).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });

    proxy.set("open");
    await expect.poll(() => trackit.outbox.flush()).toMatchObject({ pending: 0, failed: 0 });
    expect(await trackit.goals.get(goal.id)).toMatchObject({ tasksTotal: 3, tasksDone: 1 });
    const titles = (await trackit.tasks.list({ goalId: goal.id }).toArray()).map(({ title }) => title);
    expect(titles.indexOf("Drive")).toBe(titles.indexOf("Pack") - 1);
    expect(titles.sort()).toEqual(["Drive", "Pack", "moved"]);
  });

  it("gives one goal's title to another: the order in which she did it counts", async () => {
    const { trackit } = await person("title-ada");
    const old = await trackit.goals.create({ title: "Run" });
    proxy.set("down");
    await trackit.goals.setStatus(old.id, "archived");
    const next = await trackit.goals.create({ title: "Run" });
    proxy.set("open");
    await expect.poll(() => trackit.outbox.flush()).toMatchObject({ pending: 0, failed: 0 });
    expect((await trackit.goals.get(next.id)).title).toBe("Run");
  });

  it("is told of a title that is taken, and of a conflict with both sides; later writes wait until she decides", async () => {
    const { trackit, email } = await person("conflict-ada");
    const phone = kit.trackit();
    await phone.auth.signIn({ email, password: PASSWORD });
    const task = await trackit.tasks.create({ title: "Shoes" });
    await phone.goals.create({ title: "Run" });
    proxy.set("down");
    await trackit.goals.create({ title: "run" });
    await trackit.tasks.update(task.id, { title: "Mine" });
    await trackit.tasks.setStatus(task.id, "done");
    await phone.tasks.update(task.id, { title: "Theirs" });
    proxy.set("open");
    await expect.poll(() => trackit.outbox.flush()).toEqual({ pending: 1, failed: 2 });
    const [title, conflict] = await trackit.outbox.failed();
    expect(title?.reason).toMatchObject({ code: "CONFLICT_TITLE_TAKEN", details: { proposed: "run (2)" } });
    expect(isVersionConflict<Task>(conflict?.reason) && conflict.reason.details).toMatchObject({
      mine: { title: "Mine", version: 1 },
      theirs: { title: "Theirs", version: 2 },
    });
    await trackit.outbox.cancel(title?.id ?? "");
    await trackit.outbox.retry(conflict?.id ?? "");
    await expect.poll(() => trackit.outbox.flush()).toMatchObject({ pending: 0, failed: 0 });
    expect(await phone.tasks.get(task.id)).toMatchObject({ title: "Mine", status: "done", version: 4 });
  });
});

describe("a create whose answer was lost", () => {
  it("counts as written although the phone has changed the rows since, and what she does next goes on top", async () => {
    let isDeaf = false;
    const trackit = new KeepingDevice(kit, () => kit.stack.env.API_URL).start(async (input, init) => {
      const answer = await fetch(input, init);
      if (isDeaf) throw new TypeError("fetch failed");
      return answer;
    });
    const { email } = await kit.join("lost-ada", trackit);
    const phone = kit.trackit();
    await phone.auth.signIn({ email, password: PASSWORD });
    isDeaf = true;
    const shoes = await trackit.tasks.create({ title: "Shoes" });
    const goal = await trackit.goals.create({ title: "Run", tasks: [{ title: "Warm up" }] });
    const [warmUp] = goal.tasks as [Task];
    const attempts = async () => (await trackit.outbox.pending()).map((one) => one.attempts > 0);
    await expect.poll(attempts).toEqual([true, true]);
    await phone.tasks.update(shoes.id, { title: "Boots" });
    await phone.goals.update(goal.id, { title: "Walk" });
    await phone.tasks.update(warmUp.id, { title: "Sit down" });
    await trackit.tasks.setStatus(shoes.id, "done");
    isDeaf = false;
    await expect.poll(() => trackit.outbox.flush()).toEqual({ pending: 0, failed: 0 });
    expect(await phone.tasks.get(shoes.id)).toMatchObject({ title: "Boots", status: "done", version: 3 });
    expect(await phone.goals.get(goal.id)).toMatchObject({ title: "Walk", tasksTotal: 1 });
    expect(await phone.tasks.get(warmUp.id)).toMatchObject({ title: "Sit down", version: 2 });
  });

  it("is no licence to take an id: a row of other content that nobody has changed is not hers to count", async () => {
    const { trackit } = await person("taken-ada");
    const { id } = await trackit.tasks.create({ title: "There before" });
    proxy.set("deaf");
    await trackit.tasks.create({ id, title: "Another" });
    proxy.set("open");
    await expect.poll(() => trackit.outbox.flush()).toEqual({ pending: 0, failed: 1 });
    const [failed] = await trackit.outbox.failed();
    expect(failed?.reason).toMatchObject({ code: "CONFLICT_ID" });
  });
});

describe("what ada has kept", () => {
  it("waits out a session that was ended elsewhere, and ben on her device; it goes when she is back", async () => {
    const { trackit, email } = await person("session-ada");
    const ben = await kit.register("session-ben");
    proxy.set("down");
    await trackit.tasks.create({ title: "hers" });
    const phone = kit.trackit();
    await phone.auth.signIn({ email, password: PASSWORD });
    await phone.auth.signOut({ scope: "others" });
    proxy.set("open");
    expect(await trackit.outbox.flush()).toMatchObject({ pending: 1, failed: 0 });

    await trackit.auth.signIn({ email: ben.email, password: PASSWORD });
    expect(await actions(trackit)).toEqual([]);
    expect(await trackit.outbox.flush()).toEqual({ pending: 0, failed: 0 });
    expect(await trackit.tasks.list().toArray()).toEqual([]);

    await trackit.auth.signIn({ email, password: PASSWORD });
    await expect.poll(() => actions(trackit)).toEqual([]);
    expect((await trackit.tasks.list().toArray()).map(({ title }) => title)).toEqual(["hers"]);
  });

  it("is gone when she signs out with a wipe, and stays when she does not", async () => {
    let cut = false;
    // The tables are out of reach, and signing out is not: nothing can be sent in between.
    const device = new KeepingDevice(kit, () => proxy.url);
    const trackit = device.start((input, init) => {
      if (cut && String(input).includes("/rest/v1/")) throw new TypeError("fetch failed");
      return fetch(input, init);
    });
    const { email } = await kit.join("wipe-ada", trackit);
    for (const local of ["keep", "wipe"] as const) {
      cut = true;
      await trackit.tasks.create({ title: local });
      await trackit.auth.signOut({ local });
      expect(await actions(trackit)).toEqual([]);
      cut = false;
      await trackit.auth.signIn({ email, password: PASSWORD });
      await expect.poll(() => trackit.outbox.flush()).toMatchObject({ pending: 0, failed: 0 });
    }
    expect((await trackit.tasks.list().toArray()).map(({ title }) => title)).toEqual(["keep"]);
  });

  it("is gone after a wipe that the server could not be told of", async () => {
    let cut = false;
    const device = new KeepingDevice(kit, () => proxy.url);
    const trackit = device.start((input, init) => {
      if (cut) throw new TypeError("fetch failed");
      return fetch(input, init);
    });
    const { email } = await kit.join("far-wipe-ada", trackit);
    cut = true;
    await trackit.tasks.create({ title: "never" });
    await expect(trackit.auth.signOut({ local: "wipe" })).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
    expect(await trackit.auth.session()).toBeNull();
    cut = false;
    await trackit.auth.signIn({ email, password: PASSWORD });
    expect(await actions(trackit)).toEqual([]);
  });
});

describe("through a line that is cut again and again", () => {
  it(`300 writes and 20 cuts leave every row as it was written, each write once (seed ${seed})`, async () => {
    const { trackit: first, device } = await person("cut-ada");
    const scale = { writes: 300, cuts: 20, restarts: 1, seed };
    await expectWritesThroughCuts({ kit, proxy, device, first, ...scale });
  });
});
