import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isVersionConflict } from "../../sdk/src/index.ts";
import { type Make, makes, type Person, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Person;
let eve: Person;

beforeAll(async () => {
  kit = await startSdkKit();
  [ada, eve] = await Promise.all([kit.join("ada"), kit.join("eve")]);
});
afterAll(() => kit.stop());

describe.each(makes)("one goal's life with %s", (make: Make) => {
  it("ada creates, changes, finishes, deletes and restores a goal", async () => {
    const { trackit } = await kit.join("ada", kit.made(make));
    const due = new Date("2030-05-01T08:00:00Z");
    const goal = await trackit.goals.create({
      title: "Run a marathon",
      dueAt: due,
      priority: 2,
      colour: "#00aaff",
      custom: { shoe: { size: 41 } },
    });
    expect(goal).toMatchObject({ status: "open", progress: 0, version: 1, priority: 2, description: "" });
    expect(Date.parse(goal.dueAt ?? "")).toBe(due.getTime());
    expect(goal).not.toHaveProperty("search");
    expect(await trackit.goals.get(goal.id)).toEqual(goal);

    const renamed = await trackit.goals.update(goal.id, { title: "Run" }, { version: goal.version });
    expect(renamed).toMatchObject({ title: "Run", version: 2, custom: { shoe: { size: 41 } } });
    const done = await trackit.goals.setStatus(goal.id, "done");
    expect(done.completedAt).not.toBeNull();
    const later = await trackit.goals.reschedule(goal.id, null);
    expect(later.dueAt).toBeNull();

    const removed = await trackit.goals.remove(goal.id);
    expect(removed.deletedAt).not.toBeNull();
    await expect(trackit.goals.get(goal.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect(await trackit.goals.list().toArray()).toEqual([]);
    expect((await trackit.goals.list({ deleted: true }).toArray()).map((g) => g.id)).toEqual([goal.id]);
    expect(await trackit.goals.restore(goal.id)).toMatchObject({ deletedAt: null, title: "Run" });
    expect((await trackit.goals.list().toArray()).map((g) => g.id)).toEqual([goal.id]);
  });
});

describe("creating", () => {
  it("ada repeats a create and gets her row; other content under the same id is refused (CONFLICT_ID)", async () => {
    const goal = {
      id: randomUUID(),
      title: "Learn the cello",
      dueAt: "2031-01-01T10:00:00+02:00",
      custom: { b: 1, a: [2] },
    };
    const first = await ada.trackit.goals.create(goal);
    const again = await ada.trackit.goals.create({ ...goal, custom: { a: [2], b: 1 } });
    expect(again).toEqual(first);
    const other = ada.trackit.goals.create({ ...goal, title: "Learn the viola" });
    await expect(other).rejects.toMatchObject(refusal("CONFLICT_ID", { field: "id", value: goal.id }));
    expect((await ada.trackit.goals.get(goal.id)).title).toBe("Learn the cello");
  });

  it("a repeat is answered when the account is full, after a change of title, and ten times at once", async () => {
    const ben = await kit.join("ben");
    await kit.sql`insert into public.limits (user_id, kind, max) values (${ben.id}, 'goals', 1)`;
    const goal = { id: randomUUID(), title: "Only one" };
    const made = await Promise.all(Array.from({ length: 10 }, () => ben.trackit.goals.create(goal)));
    expect(new Set(made.map(({ id, version }) => `${id} ${version}`)).size).toBe(1);
    expect(await ben.trackit.goals.create(goal)).toEqual(made[0]);
    await expect(ben.trackit.goals.create({ title: "Another" })).rejects.toMatchObject(
      refusal("LIMIT_GOALS"),
    );
    await ben.trackit.goals.setStatus(goal.id, "done");
    expect(await ben.trackit.goals.create(goal)).toMatchObject({ id: goal.id, status: "done" });
    await ben.trackit.goals.remove(goal.id);
    expect(await ben.trackit.goals.create(goal)).toMatchObject({
      id: goal.id,
      deletedAt: expect.any(String),
    });
  });

  it("eve cannot take over ada's id (CONFLICT_ID), and sees nothing of her goal", async () => {
    const mine = await ada.trackit.goals.create({ title: "Secret plan" });
    const taken = eve.trackit.goals.create({ id: mine.id, title: "Secret plan" });
    await expect(taken).rejects.toMatchObject(refusal("CONFLICT_ID"));
    await expect(eve.trackit.goals.get(mine.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect(await ada.trackit.goals.get(mine.id)).toEqual(mine);
  });

  it("an open title is taken once, letter case aside (CONFLICT_TITLE_TAKEN); a finished one frees it", async () => {
    const first = await ada.trackit.goals.create({ title: "Read Ulysses" });
    const second = ada.trackit.goals.create({ title: "  read ULYSSES " });
    await expect(second).rejects.toMatchObject(
      refusal("CONFLICT_TITLE_TAKEN", { field: "title", details: { proposed: "read ULYSSES (2)" } }),
    );
    await ada.trackit.goals.setStatus(first.id, "done");
    expect(await ada.trackit.goals.create({ title: "read ULYSSES" })).toMatchObject({ status: "open" });
  });

  it("restoring into a taken title names a free one, under which it succeeds", async () => {
    const first = await ada.trackit.goals.create({ title: "Bake bread" });
    await ada.trackit.goals.remove(first.id);
    await ada.trackit.goals.create({ title: "Bake bread" });
    const refused = await ada.trackit.goals.restore(first.id).catch((error) => error);
    expect(refused).toMatchObject(
      refusal("CONFLICT_TITLE_TAKEN", { details: { proposed: "Bake bread (2)" } }),
    );
    const back = await ada.trackit.goals.restore(first.id, { title: refused.details.proposed });
    expect(back).toMatchObject({ id: first.id, title: "Bake bread (2)", deletedAt: null });
  });

  it("many goals are stored together or not at all", async () => {
    const { trackit } = await kit.join("ben");
    const made = await trackit.goals.createMany([
      { title: "One" },
      { title: "Two", priority: 3 },
      { title: "Three" },
    ]);
    expect(made.map((goal) => goal.title)).toEqual(["One", "Two", "Three"]);
    const clash = trackit.goals.createMany([{ title: "Four" }, { title: "one" }]);
    await expect(clash).rejects.toMatchObject(refusal("CONFLICT_TITLE_TAKEN"));
    const listed = await trackit.goals.list().toArray();
    expect(listed.map((goal) => goal.title)).toEqual(["One", "Two", "Three"]);
  });

  it("a goal with tasks is one transaction, can be repeated, and keeps the tasks' order", async () => {
    const { trackit } = await kit.join("ada");
    const input = {
      id: randomUUID(),
      title: "Move house",
      tasks: [{ title: "Pack" }, { title: "Paint" }, { title: "Drive" }],
    };
    const made = await trackit.goals.create(input);
    expect(made.tasks.map((task) => task.title)).toEqual(["Pack", "Paint", "Drive"]);
    expect(await trackit.goals.create(input)).toEqual(made);
    const listed = await trackit.tasks.list({ goalId: made.id }).toArray();
    expect(listed.map((task) => task.title)).toEqual(["Pack", "Paint", "Drive"]);
    const other = trackit.goals.create({ ...input, tasks: [{ title: "Pack" }], title: "Move" });
    await expect(other).rejects.toMatchObject(refusal("CONFLICT_ID"));

    const broken = {
      id: randomUUID(),
      title: "Half",
      tasks: [{ title: "ok" }, { title: "not", assigneeId: eve.id }],
    };
    await expect(trackit.goals.create(broken)).rejects.toMatchObject(
      refusal("USAGE_REFERENCE", { field: "assigneeId" }),
    );
    await expect(trackit.goals.get(broken.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  });

  it("what was refused before it left names field, value and rule, and nothing is sent", async () => {
    const { trackit } = await kit.join("ada");
    const refused = [
      [() => trackit.goals.create({ title: "" }), { field: "title", value: "", rule: "1 to 200 characters" }],
      [() => trackit.goals.create({ title: "x".repeat(201) }), { field: "title" }],
      [() => trackit.goals.create({ title: "two\nlines" }), { field: "title" }],
      [() => trackit.goals.create({ title: "ok", priority: 9 as never }), { field: "priority", value: 9 }],
      [() => trackit.goals.create({ title: "ok", dueAt: "tomorrow" }), { field: "dueAt", value: "tomorrow" }],
      [() => trackit.goals.create({ title: "ok", startsOn: "2026-02-30" }), { field: "startsOn" }],
      [() => trackit.goals.create({ title: "ok", custom: { a: Number.NaN } }), { field: "custom" }],
      [() => trackit.goals.create({ title: "ok", tasks: [{ title: "" }] }), { field: "tasks.0.title" }],
    ] as const;
    for (const [call, about] of refused)
      await expect(call).rejects.toMatchObject(refusal("USAGE_INVALID", about));
    const unknown = trackit.goals.create({ title: "ok", colr: "red" } as never);
    await expect(unknown).rejects.toMatchObject(refusal("USAGE_UNKNOWN_FIELD", { field: "colr" }));
    expect(await trackit.goals.list().toArray()).toEqual([]);
  });

  it("markup is neutralised on the way, and a raw client that does not do so is refused by the database", async () => {
    const goal = await ada.trackit.goals.create({
      title: "<b>Bold</b> & a < b",
      custom: { note: "<script>" },
    });
    expect(goal.title).toBe("< b>Bold< /b> & a < b");
    expect(goal.custom).toEqual({ note: "< script>" });
    const { error } = await ada.trackit.supabase.from("goals").insert({ title: "<b>raw</b>" });
    expect(error?.code).toBe("23514");
  });
});

describe("changing", () => {
  it("ada's second device is told of the first one's change (CONFLICT_VERSION with both)", async () => {
    const goal = await ada.trackit.goals.create({ title: "Plan the trip" });
    await ada.trackit.goals.update(goal.id, { title: "Plan the long trip" }, { version: 1 });
    const late = await ada.trackit.goals
      .update(goal.id, { priority: 3 }, { version: 1 })
      .catch((error) => error);
    expect(isVersionConflict(late)).toBe(true);
    expect(late.details).toMatchObject({
      mine: { id: goal.id, version: 1, priority: 3 },
      theirs: { title: "Plan the long trip", version: 2 },
    });
    const retried = await ada.trackit.goals.update(
      goal.id,
      { priority: 3 },
      { version: late.details.theirs.version },
    );
    expect(retried).toMatchObject({ title: "Plan the long trip", priority: 3, version: 3 });
  });

  it("of ten simultaneous edits of one version, one wins and nine learn of it", async () => {
    const goal = await ada.trackit.goals.create({ title: "Contested" });
    const edits = Array.from({ length: 10 }, (_, n) =>
      ada.trackit.goals.update(goal.id, { description: `edit ${n}` }, { version: 1 }),
    );
    const results = await Promise.allSettled(edits);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
    expect(refused).toEqual(Array(9).fill("CONFLICT_VERSION"));
  });

  it("eve cannot change, delete or restore ada's goal (ACCESS_NOT_FOUND); ada can", async () => {
    const goal = await ada.trackit.goals.create({ title: "Hands off" });
    const attempts = [
      () => eve.trackit.goals.update(goal.id, { title: "Mine" }),
      () => eve.trackit.goals.update(goal.id, { title: "Mine" }, { version: 1 }),
      () => eve.trackit.goals.setStatus(goal.id, "done"),
      () => eve.trackit.goals.remove(goal.id),
      () => eve.trackit.goals.restore(goal.id),
      () => eve.trackit.goals.reorder(goal.id, "first"),
      () => eve.trackit.goals.update(randomUUID(), { title: "Nobody's" }),
    ];
    for (const attempt of attempts)
      await expect(attempt()).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect(await ada.trackit.goals.get(goal.id)).toEqual(goal);
    expect(await ada.trackit.goals.setStatus(goal.id, "archived")).toMatchObject({ status: "archived" });
  });

  it("an empty patch, a bad id and a bad version are refused before they leave (USAGE_INVALID)", async () => {
    const goal = await ada.trackit.goals.create({ title: "Careful" });
    const attempts = [
      () => ada.trackit.goals.update(goal.id, {}),
      () => ada.trackit.goals.update("42", { title: "x" }),
      () => ada.trackit.goals.update(goal.id, { title: "x" }, { version: 1.5 }),
      () => ada.trackit.goals.get("' or 1=1"),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(refusal("USAGE_INVALID"));
    const unknown = ada.trackit.goals.update(goal.id, { ownerId: eve.id } as never);
    await expect(unknown).rejects.toMatchObject(refusal("USAGE_UNKNOWN_FIELD", { field: "ownerId" }));
  });

  it("deleting a goal takes its tasks along, and restoring brings exactly those back", async () => {
    const { trackit } = await kit.join("ada");
    const goal = await trackit.goals.create({
      title: "Garden",
      tasks: [{ title: "Dig" }, { title: "Sow" }, { title: "Rest" }],
    });
    const rest = goal.tasks[2];
    await trackit.tasks.remove(rest?.id ?? "");
    await trackit.goals.remove(goal.id);
    expect(await trackit.tasks.list({ goalId: goal.id }).toArray()).toEqual([]);
    await trackit.goals.restore(goal.id);
    const back = await trackit.tasks.list({ goalId: goal.id }).toArray();
    expect(back.map((task) => task.title)).toEqual(["Dig", "Sow"]);
  });

  it("progress follows the tasks without making anybody's next save a conflict", async () => {
    const goal = await ada.trackit.goals.create({
      title: "Halfway",
      tasks: [{ title: "a" }, { title: "b" }],
    });
    await ada.trackit.tasks.setStatus(goal.tasks[0]?.id ?? "", "done");
    const now = await ada.trackit.goals.get(goal.id);
    expect(now).toMatchObject({ progress: 0.5, tasksTotal: 2, tasksDone: 1, version: 1 });
    await ada.trackit.goals.update(goal.id, { priority: 1 }, { version: goal.version });
  });
});
