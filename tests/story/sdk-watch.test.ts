import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dueWindow } from "../../sdk/src/due/window.ts";
import type { Change, Goal, Task } from "../../sdk/src/index.ts";
import { Inbox } from "./realtime-wait.ts";
import { makes, PASSWORD, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";
import { follow } from "./watch-kit.ts";

let kit: SdkKit;
beforeAll(async () => {
  kit = await startSdkKit();
});
afterAll(() => kit.stop());

/** ada, at two devices. */
async function ada(make: (typeof makes)[number] = "options") {
  const { trackit: phone, email, id } = await kit.join("watch-ada");
  const laptop = kit.made(make);
  await laptop.auth.signIn({ email, password: PASSWORD });
  return { phone, laptop, email, id };
}

describe.each(makes)("ada's laptop, with a client from %s", (make) => {
  it("is told of what her phone makes, changes, finishes, deletes, restores and erases", async () => {
    const { phone, laptop } = await ada(make);
    const first = await phone.tasks.create({ title: "Shoes" });
    const { told } = await follow(laptop, { status: "todo" });
    expect(await told.take()).toEqual({ kind: "snapshot", rows: [first] });
    const added = await phone.tasks.create({ title: "Socks", tags: ["shop"], custom: { size: 41 } });
    expect(await told.take()).toEqual({ kind: "added", row: added });
    const changed = await phone.tasks.update(added.id, { title: "Boots" });
    expect(await told.take()).toEqual({ kind: "changed", row: changed });
    await phone.tasks.setStatus(added.id, "done");
    expect(await told.take()).toEqual({ kind: "removed", id: added.id });
    const back = await phone.tasks.setStatus(added.id, "todo");
    expect(await told.take()).toEqual({ kind: "added", row: back });
    await phone.tasks.remove(first.id);
    expect(await told.take()).toEqual({ kind: "removed", id: first.id });
    const restored = await phone.tasks.restore(first.id);
    expect(await told.take()).toEqual({ kind: "added", row: restored });
    await kit.sql`delete from public.tasks where id = ${first.id}`;
    expect(await told.take()).toEqual({ kind: "removed", id: first.id });
  });
});

describe("a watch", () => {
  it("loses nothing and tells nothing twice between its snapshot and the changes of two who write", async () => {
    const { phone, laptop, email } = await ada();
    const tablet = kit.trackit();
    await tablet.auth.signIn({ email, password: PASSWORD });
    await phone.tasks.createMany([...Array(120).keys()].map((at) => ({ title: `task ${at}` })));
    const ids = (await phone.tasks.list().toArray()).map(({ id }) => id);
    let writing = true;
    const write = async (client: typeof phone, from: number): Promise<void> => {
      for (let at = from; writing; at = (at + 2) % ids.length) {
        await client.tasks.update(ids[at] ?? "", { title: `at ${Date.now()}` });
        const { id } = await client.tasks.create({ title: `new ${at}` });
        if (at % 4 < 2) await client.tasks.setStatus(id, "done");
      }
    };
    const writers = [write(phone, 0), write(tablet, 1)];
    const versions = new Map<string, number>();
    const faults: string[] = [];
    const watches = await Promise.all(
      [1, 2, 3].map(async () => {
        const followed = await follow(laptop, { status: "todo" });
        await followed.told.takeMany(20);
        return followed;
      }),
    );
    writing = false;
    await Promise.all(writers);
    const wanted = await phone.tasks.list({ status: "todo" }).toArray();
    for (const { rows, told } of watches) {
      await expect.poll(() => [...rows.values()].sort(byId)).toEqual(wanted.sort(byId));
      versions.clear();
      for (const { id, version, kind } of told.all.flatMap(versionsIn)) {
        const before = versions.get(id) ?? 0;
        if (version <= before) faults.push(`${kind} ${id}: ${version} after ${before}`);
        versions.set(id, version);
      }
      expect(faults).toEqual([]);
      expect(told.all.filter(({ kind }) => kind === "snapshot")).toHaveLength(1);
    }
  });

  it("hands a list's order over, and reads the table anew when 60 tasks come at once", async () => {
    const { phone, laptop } = await ada();
    await phone.tasks.createMany([1, 3, 2].map((priority) => ({ title: "x", priority: priority as 1 })));
    const { told } = await follow(laptop, { sort: "priority" });
    const priorities = (change: Change<Task>): number[] =>
      change.kind === "snapshot" ? change.rows.map(({ priority }) => priority) : [];
    expect(priorities(await told.take())).toEqual([3, 2, 1]);
    await phone.tasks.createMany([...Array(60).keys()].map((at) => ({ title: `task ${at}` })));
    const again = await told.take();
    expect(priorities(again)).toEqual([3, 2, 1, ...Array(60).fill(0)]);
  });

  it("follows tags, custom fields, parents, and words that only the server can find", async () => {
    const { phone, laptop } = await ada();
    const goal = await phone.goals.create({ title: "Run" });
    const filter = { goalId: goal.id, tags: ["shop"], custom: { shoe: { size: 41 } }, search: "são café" };
    const { told, rows } = await follow(laptop, filter);
    await told.take();
    const parts = { goalId: goal.id, tags: ["shop", "x"], custom: { shoe: { size: 41, left: true } } };
    const right = await phone.tasks.create({ title: "Sao Cafe", ...parts });
    expect(await told.take()).toEqual({ kind: "added", row: right });
    await phone.tasks.create({ title: "Sao", ...parts });
    await phone.tasks.create({ title: "Sao Cafe", ...parts, goalId: null });
    await phone.tasks.create({ title: "Sao Cafe", ...parts, tags: ["x"] });
    await phone.tasks.create({ title: "Sao Cafe", ...parts, custom: { shoe: { size: 42 } } });
    await phone.tasks.update(right.id, { title: "Sao" });
    expect(await told.take()).toEqual({ kind: "removed", id: right.id });
    const again = await phone.tasks.update(right.id, { description: "um café" });
    expect(await told.take()).toEqual({ kind: "added", row: again });
    expect([...rows.keys()]).toEqual([right.id]);
  });

  it("tells when something becomes overdue, and when it is no longer soon, without anybody's doing", async () => {
    const { phone, laptop } = await ada();
    const [late, soon] = await Promise.all([
      follow(laptop, { due: "overdue" }),
      follow(laptop, { due: "soon" }),
    ]);
    for (const { told } of [late, soon]) await told.take();
    /** A task that is told while it is due soon; on a busy machine it may be overdue by then, and gets more time. */
    const makeSoon = async (ms: number): Promise<{ task: Task; dueAt: number }> => {
      const dueAt = Date.now() + ms;
      const task = await phone.tasks.create({ title: "Shoes", dueAt: new Date(dueAt) });
      const after = await phone.tasks.create({ title: "Later", dueAt: new Date(dueAt + 3_600_000) });
      const first = await soon.told.take();
      if (!isDeepStrictEqual(first, { kind: "added", row: after })) {
        expect(first).toEqual({ kind: "added", row: task });
        return { task, dueAt };
      }
      expect(await late.told.take()).toEqual({ kind: "added", row: task });
      return makeSoon(2 * ms);
    };
    const { task, dueAt } = await makeSoon(1500);
    expect(await late.told.take("what is overdue")).toEqual({ kind: "added", row: task });
    expect(Date.now()).toBeGreaterThan(dueAt);
    const two = await soon.told.takeMany(2);
    expect(two).toContainEqual({ kind: "removed", id: task.id });
    expect(two).toContainEqual(expect.objectContaining({ kind: "added" }));
    await phone.tasks.setStatus(task.id, "done");
    expect(await late.told.take()).toEqual({ kind: "removed", id: task.id });
  });

  it("is handed over anew when ada's days begin to begin elsewhere, unless it names a place", async () => {
    const { phone, laptop } = await ada();
    const there = "Pacific/Kiritimati";
    await phone.profiles.update({ timeZone: there });
    // An hour within the day there that is none of the day at UTC, 14 hours behind.
    const [day, utc] = [there, "UTC"].map((zone) => dueWindow("today", Date.now(), zone));
    const [begin, end] = [Date.parse(day?.from ?? ""), Date.parse(day?.to ?? "")];
    const dueAt = new Date(begin < Date.parse(utc?.from ?? "") ? begin : end - 1);
    const task = await phone.tasks.create({ title: "Lunch", dueAt });
    const [own, fixed] = await Promise.all([
      follow(laptop, { due: "today" }),
      follow(laptop, { due: "today" }, { timeZone: there }),
    ]);
    expect(await own.told.take()).toEqual({ kind: "snapshot", rows: [task] });
    await phone.profiles.update({ timeZone: "UTC" });
    expect(await own.told.take()).toEqual({ kind: "snapshot", rows: [] });
    await phone.tasks.update(task.id, { title: "Dinner" });
    expect((await fixed.told.takeMany(2))[1]).toMatchObject({ kind: "changed", row: { title: "Dinner" } });
    expect(own.told.all).toHaveLength(2);
  });

  it("of goals tells of their progress, whose version stays", async () => {
    const { phone, laptop } = await ada();
    const goal = await phone.goals.create({ title: "Run" });
    const told = new Inbox<Change<Goal>>();
    await laptop.goals.watch({}, told.put).ready;
    await told.take();
    const task = await phone.tasks.create({ goalId: goal.id, title: "Shoes" });
    expect(await told.take()).toMatchObject({
      kind: "changed",
      row: { tasksTotal: 1, progress: 0, version: 1 },
    });
    await phone.tasks.setStatus(task.id, "done");
    expect(await told.take()).toMatchObject({
      kind: "changed",
      row: { tasksDone: 1, progress: 1, version: 1 },
    });
  });
});

describe("input", () => {
  it("that is wrong is refused at once, and who is not signed in is told so", async () => {
    const { laptop } = await ada();
    expect(() => laptop.tasks.watch({ status: "open" as never }, () => {})).toThrow(
      expect.objectContaining(refusal("USAGE_INVALID", { field: "status.0" })),
    );
    expect(() => laptop.goals.watch({}, () => {}, { timeZone: "Mars" })).toThrow(
      expect.objectContaining(refusal("USAGE_INVALID", { field: "timeZone" })),
    );
    const stranger = kit.trackit();
    const ended = new Inbox<unknown>();
    const watch = stranger.goals.watch({}, () => {}, { onError: ended.put });
    await expect(watch.ready).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
    expect(await ended.take()).toMatchObject(refusal("AUTH_REQUIRED"));
    expect(stranger.connection.state).toBe("idle");
  });
});

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function versionsIn(change: Change<Task>): { id: string; version: number; kind: string }[] {
  const rows = change.kind === "snapshot" ? change.rows : "row" in change ? [change.row] : [];
  return rows.map(({ id, version }) => ({ id, version, kind: change.kind }));
}
