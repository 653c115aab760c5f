import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isVersionConflict, type Task } from "../../sdk/src/index.ts";
import { PASSWORD, type Person, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Person;
let eve: Person;

beforeAll(async () => {
  kit = await startSdkKit();
  [ada, eve] = await Promise.all([kit.join("ada"), kit.join("eve")]);
});
afterAll(() => kit.stop());

describe("one task's life", () => {
  it("ada creates, moves, finishes, deletes and restores a task", async () => {
    const { trackit } = ada;
    const goal = await trackit.goals.create({ title: "Marathon" });
    const task = await trackit.tasks.create({
      goalId: goal.id,
      title: "Buy shoes",
      tags: ["shop", "a,b"],
      dueAt: "2030-03-01T10:00:00.123456Z",
      remindAt: "2030-02-28T10:00:00Z",
      rrule: "FREQ=WEEKLY;BYDAY=MO",
    });
    expect(task).toMatchObject({ goalId: goal.id, status: "todo", tags: ["shop", "a,b"], version: 1 });
    expect(task.dueAt).toContain(".123456");
    expect(await trackit.tasks.get(task.id)).toEqual(task);
    expect(await trackit.tasks.setStatus(task.id, "done")).toMatchObject({
      status: "done",
      completedAt: expect.any(String),
    });
    expect(await trackit.tasks.reschedule(task.id, "2031-01-01T00:00:00Z")).toMatchObject({ version: 3 });
    expect(await trackit.tasks.update(task.id, { tags: [], rrule: null, goalId: null })).toMatchObject({
      tags: [],
      rrule: null,
      goalId: null,
    });
    await trackit.tasks.remove(task.id);
    await expect(trackit.tasks.get(task.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect(await trackit.tasks.restore(task.id)).toMatchObject({ id: task.id, deletedAt: null });
  });

  it("repeating a create returns the row; other content is refused (CONFLICT_ID), also for many at once", async () => {
    const rows = [1, 2, 3].map((n) => ({ id: randomUUID(), title: `Row ${n}`, tags: ["x"] }));
    const made = await ada.trackit.tasks.createMany(rows);
    expect(await ada.trackit.tasks.createMany(rows)).toEqual(made);
    const other = rows.map((row, n) => (n === 1 ? { ...row, title: "Other" } : row));
    await expect(ada.trackit.tasks.createMany(other)).rejects.toMatchObject(
      refusal("CONFLICT_ID", { field: "1.id", value: rows[1]?.id }),
    );
  });

  it("two rows of one call cannot share an id, whatever they hold; nothing of the call is stored (USAGE_INVALID)", async () => {
    const id = randomUUID();
    const twins = ada.trackit.tasks.createMany([
      { id, title: "One" },
      { title: "Two" },
      { id, title: "Three" },
    ]);
    await expect(twins).rejects.toMatchObject(refusal("USAGE_INVALID", { field: "2.id", value: id }));
    await expect(ada.trackit.tasks.get(id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  });

  it("both sides of a conflict are told (CONFLICT_VERSION)", async () => {
    const task = await ada.trackit.tasks.create({ title: "Contested" });
    await ada.trackit.tasks.update(task.id, { title: "First" }, { version: 1 });
    const late = await ada.trackit.tasks.remove(task.id, { version: 1 }).catch((error: unknown) => error);
    if (!isVersionConflict<Task>(late)) throw late;
    expect(late.details.theirs).toMatchObject({ title: "First", version: 2 });
    expect(late.details.mine).toMatchObject({ id: task.id, version: 1 });
    expect(await ada.trackit.tasks.remove(task.id, { version: 2 })).toMatchObject({ title: "First" });
  });
});

describe("ada's desk and phone at one moment", () => {
  /** What is done elsewhere once the next change has been answered, before it is looked why it touched nothing. */
  let meanwhile: (() => Promise<unknown>) | null = null;
  let changes = 0;
  const phone = async () => {
    const slow: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (init?.method !== "PATCH") return answer;
      changes += 1;
      const now = meanwhile;
      meanwhile = null;
      await now?.();
      return answer;
    };
    const trackit = kit.trackit({ fetch: slow });
    await trackit.auth.signIn({ email: ada.email, password: PASSWORD });
    return trackit.tasks;
  };

  it("a task that comes, or comes back, just after it was to be changed is changed; one that goes is restored", async () => {
    const tasks = await phone();
    const desk = ada.trackit.tasks;
    const id = randomUUID();
    meanwhile = () => desk.create({ id, title: "Just made" });
    expect(await tasks.update(id, { title: "Changed" })).toMatchObject({ title: "Changed", version: 2 });
    await desk.remove(id);
    meanwhile = () => desk.restore(id);
    expect(await tasks.setStatus(id, "doing")).toMatchObject({ status: "doing", version: 5 });
    meanwhile = () => desk.remove(id);
    expect(await tasks.restore(id)).toMatchObject({ deletedAt: null, version: 7 });
    await desk.remove(id);
    meanwhile = () => desk.restore(id);
    const late = tasks.update(id, { title: "Late" }, { version: 8 });
    await expect(late).rejects.toMatchObject(refusal("CONFLICT_VERSION", { value: 8 }));
  });

  it("a task that a policy shows and keeps from change is refused (ACCESS_DENIED), after one more try", async () => {
    const tasks = await phone();
    const { id } = await tasks.create({ title: "Carved in stone" });
    await kit.sql.unsafe(
      `create policy stone on public.tasks as restrictive for update to authenticated using (id <> '${id}')`,
    );
    try {
      changes = 0;
      await expect(tasks.update(id, { title: "x" })).rejects.toMatchObject(refusal("ACCESS_DENIED"));
      expect(changes).toBe(2);
    } finally {
      await kit.sql`drop policy stone on public.tasks`;
    }
    expect(await tasks.update(id, { title: "Written in sand" })).toMatchObject({ version: 2 });
  });
});

describe("refusals and their twins", () => {
  it("eve cannot reach ada's task by any verb (ACCESS_NOT_FOUND), nor put one into ada's goal (USAGE_REFERENCE)", async () => {
    const goal = await ada.trackit.goals.create({ title: "Private", tasks: [{ title: "Step" }] });
    const id = goal.tasks[0]?.id ?? "";
    const { tasks } = eve.trackit;
    const attempts = [
      () => tasks.get(id),
      () => tasks.update(id, { title: "x" }),
      () => tasks.setStatus(id, "done"),
      () => tasks.reschedule(id, null),
      () => tasks.reorder(id, "first"),
      () => tasks.remove(id),
      () => tasks.restore(id),
    ];
    for (const attempt of attempts)
      await expect(attempt()).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    const intruding = tasks.create({ title: "Intruder", goalId: goal.id });
    await expect(intruding).rejects.toMatchObject(refusal("USAGE_REFERENCE", { field: "goalId" }));
    const below = tasks.create({ title: "Intruder", parentId: id });
    await expect(below).rejects.toMatchObject(refusal("USAGE_REFERENCE", { field: "parentId" }));
    expect(await ada.trackit.tasks.setStatus(id, "doing")).toMatchObject({ status: "doing" });
    expect(await ada.trackit.tasks.create({ title: "Substep", parentId: id })).toMatchObject({
      goalId: goal.id,
    });
  });

  it("a stranger is told to sign in (AUTH_REQUIRED); signed in, the same call succeeds", async () => {
    const trackit = kit.trackit();
    await expect(trackit.tasks.create({ title: "x" })).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
    await expect(trackit.tasks.list().toArray()).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
    await expect(trackit.profiles.me()).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
    await kit.join("ada", trackit);
    expect(await trackit.tasks.create({ title: "x" })).toMatchObject({ title: "x" });
  });

  it("a key of another project is told from a missing sign-in (AUTH_KEY)", async () => {
    const stranger = kit.trackit({ key: "sb_publishable_of_another_project" });
    await expect(stranger.tasks.list().toArray()).rejects.toMatchObject(refusal("AUTH_KEY", { status: 401 }));
    const signIn = stranger.auth.signIn({ email: ada.email, password: "whatever 1" });
    await expect(signIn).rejects.toMatchObject(refusal("AUTH_KEY"));
  });

  it("a circle is refused (USAGE_CYCLE), a sixth level too (USAGE_DEPTH); five levels are fine", async () => {
    const { tasks } = (await kit.join("ada")).trackit;
    const chain: Task[] = [];
    for (let n = 1; n <= 5; n++)
      chain.push(await tasks.create({ title: `level ${n}`, parentId: chain.at(-1)?.id }));
    const [top, , , , bottom] = chain;
    await expect(tasks.create({ title: "level 6", parentId: bottom?.id })).rejects.toMatchObject(
      refusal("USAGE_DEPTH"),
    );
    await expect(tasks.update(top?.id ?? "", { parentId: bottom?.id })).rejects.toMatchObject(
      refusal("USAGE_CYCLE", { field: "parentId" }),
    );
    await expect(tasks.update(top?.id ?? "", { parentId: top?.id })).rejects.toMatchObject(
      refusal("USAGE_CYCLE"),
    );
  });

  it("bad fields are named before anything is sent (USAGE_INVALID)", async () => {
    const create = (more: object) => ada.trackit.tasks.create({ title: "ok", ...more });
    const cases = [
      [{ title: "a\u202eb" }, "title"],
      [{ tags: ["x", "x"] }, "tags"],
      [{ tags: [""] }, "tags.0"],
      [{ rrule: "FREQ=SECONDLY" }, "rrule"],
      [{ goalId: "not-a-uuid" }, "goalId"],
      [{ status: "open" }, "status"],
      [{ dueAt: new Date("nonsense") }, "dueAt"],
      [{ dueAt: "2026-01-01T10:00" }, "dueAt"],
    ] as const;
    for (const [more, field] of cases)
      await expect(create(more)).rejects.toMatchObject(refusal("USAGE_INVALID", { field }));
  });

  it("a session that was ended elsewhere gets no empty lists but AUTH_REQUIRED; a suspended one AUTH_SUSPENDED", async () => {
    const ben = await kit.join("ben");
    await ben.trackit.tasks.create({ title: "mine" });
    await kit.sql`delete from auth.sessions where user_id = ${ben.id}`;
    await expect(ben.trackit.tasks.list().toArray()).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
    await expect(ben.trackit.tasks.create({ title: "late" })).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
    await expect(ben.trackit.profiles.me()).rejects.toMatchObject(refusal("AUTH_REQUIRED"));

    const root = await kit.join("root");
    await kit.sql`update public.profiles set status = 'suspended' where id = ${root.id}`;
    await expect(root.trackit.tasks.list().toArray()).rejects.toMatchObject(refusal("AUTH_SUSPENDED"));
    await expect(root.trackit.goals.create({ title: "late" })).rejects.toMatchObject(
      refusal("AUTH_SUSPENDED"),
    );
    await kit.sql`update public.profiles set status = 'active' where id = ${root.id}`;
    expect(await root.trackit.goals.create({ title: "late" })).toMatchObject({ title: "late" });
  });
});

describe("order", () => {
  const titles = async (person: Person, goalId?: string | null): Promise<string> =>
    (await person.trackit.tasks.list({ goalId }).toArray()).map((task) => task.title).join("");

  it("ada puts tasks before, after, first and last; only the moved row changes", async () => {
    const ben = await kit.join("ben");
    const goal = await ben.trackit.goals.create({ title: "g" });
    const made = await ben.trackit.tasks.createMany(
      [..."abcde"].map((title) => ({ title, goalId: goal.id })),
    );
    const id = (title: string): string => made.find((task) => task.title === title)?.id ?? "";
    const { reorder } = ben.trackit.tasks;
    await reorder(id("e"), { before: id("b") });
    expect(await titles(ben, goal.id)).toBe("aebcd");
    await reorder(id("a"), { after: id("c") });
    expect(await titles(ben, goal.id)).toBe("ebcad");
    await reorder(id("d"), "first");
    await reorder(id("e"), "last");
    expect(await titles(ben, goal.id)).toBe("dbcae");
    await reorder(id("d"), { before: id("b") });
    expect(await titles(ben, goal.id)).toBe("dbcae");
    expect((await ben.trackit.tasks.get(id("c"))).version).toBe(1);
    await ben.trackit.tasks.create({ title: "f", goalId: goal.id });
    expect(await titles(ben, goal.id)).toBe("dbcaef");
  });

  it("rows that share one position, as raw clients make them, can be placed between too", async () => {
    const ben = await kit.join("ben");
    const raw = [..."abcdef"].map((title) => ({ title }));
    const { data } = await ben.trackit.supabase.from("tasks").insert(raw).select();
    const rows = [...(data ?? [])].sort((x, y) => (x.id < y.id ? -1 : 1));
    const before = await titles(ben);
    expect(before).toBe(rows.map((row) => row.title).join(""));
    await ben.trackit.tasks.reorder(rows[5]?.id ?? "", { after: rows[1]?.id ?? "" });
    const at = (n: number): string => before.charAt(n);
    expect(await titles(ben)).toBe(at(0) + at(1) + at(5) + at(2) + at(3) + at(4));
    await ben.trackit.tasks.reorder(rows[0]?.id ?? "", { before: rows[4]?.id ?? "" });
    expect(await titles(ben)).toBe(at(1) + at(5) + at(2) + at(3) + at(0) + at(4));
  });

  it("a row of another list, or the row itself, is no neighbour", async () => {
    const goal = await ada.trackit.goals.create({ title: "Elsewhere", tasks: [{ title: "x" }] });
    const alone = await ada.trackit.tasks.create({ title: "alone" });
    const { reorder } = ada.trackit.tasks;
    await expect(reorder(alone.id, { after: goal.tasks[0]?.id ?? "" })).rejects.toMatchObject(
      refusal("USAGE_REFERENCE"),
    );
    await expect(reorder(alone.id, { after: alone.id })).rejects.toMatchObject(refusal("USAGE_INVALID"));
    await expect(reorder(alone.id, "middle" as never)).rejects.toMatchObject(refusal("USAGE_INVALID"));
  });
});
