import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Person, type SdkKit, startSdkKit } from "./sdk-kit.ts";

/** What the app does all day is served without lite, which costs 30 MB and six times the time. */
let kit: SdkKit;
let ada: Person;
let ben: Person;

beforeAll(async () => {
  kit = await startSdkKit();
  ada = await kit.join("ada");
  ben = await kit.join("ben");
});
afterAll(() => kit?.stop());

const hasLoadedLite = () =>
  readFileSync(path.join(kit.stack.data, "stack.log"), "utf8").includes('"event":"rest loads lite"');

it("ada's ordinary day needs the direct path alone", async () => {
  const { goals, tasks, profiles } = ada.trackit;
  const goal = await goals.create({ title: "Run a marathon", custom: { colour: "teal" } });
  const made = await tasks.createMany([
    { goalId: goal.id, title: "Buy shoes", tags: ["shop"] },
    { goalId: goal.id, title: "Run 10 km", tags: ["run"] },
  ]);
  const [shoes, run] = made;
  if (!shoes || !run) throw new Error("createMany gave no tasks");
  await tasks.update(shoes.id, { description: "Blue ones" }, { version: shoes.version });
  await tasks.setStatus(run.id, "done");
  await tasks.reschedule(shoes.id, "2031-01-01T00:00:00Z");
  await tasks.reorder(run.id, "first");
  await tasks.remove(shoes.id);
  await tasks.restore(shoes.id);
  await goals.list({ custom: { colour: "teal" } }).toArray();
  for (const sort of ["position", "dueAt", "createdAt", "priority"] as const) {
    expect(await tasks.list({ sort, goalId: goal.id }, { pageSize: 1 }).toArray()).toHaveLength(2);
  }
  for (const filter of [
    { due: "overdue" },
    { tag: "shop" },
    { search: "shoes" },
    { status: "done" },
  ] as const) {
    await tasks.list(filter).toArray();
  }
  await profiles.me();
  await profiles.get(ben.username);
  await profiles.usernameAvailable("somebody-new");
  expect(hasLoadedLite()).toBe(false);
});

it("ben's embed is beyond it, and answered all the same", async () => {
  const { error } = await ben.trackit.supabase.from("goals").select("title,tasks(title)");
  expect(error).toBe(null);
  expect(hasLoadedLite()).toBe(true);
});
