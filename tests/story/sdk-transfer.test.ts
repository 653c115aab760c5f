import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImportProgress, TrackIt } from "../../sdk/src/index.ts";
import { type Person, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Person;

beforeAll(async () => {
  kit = await startSdkKit();
  ada = await kit.join("ada");
  const { goals, tasks } = ada.trackit;
  const awkward = '=SUM(A1)\r\n"quoted", comma; semicolon\ttab \'apostrophe';
  const goal = await goals.create({
    title: "-1 is no formula",
    description: awkward,
    priority: 3,
    colour: "#00aaff",
    icon: "🏃",
    startsOn: "2029-12-31",
    dueAt: "2030-01-01T10:00:00.123456Z",
    custom: { a: [1, { b: "c,d" }], é: null },
  });
  await goals.create({ title: "Plain" });
  const [parent] = await tasks.createMany([
    {
      title: "@risk",
      goalId: goal.id,
      tags: ["a,b", 'say "hi"', "[x]"],
      rrule: "FREQ=DAILY;COUNT=3",
      status: "doing",
    },
    { title: "Alone", description: " spaces kept ", remindAt: "2030-01-01T00:00:00Z" },
  ]);
  await tasks.create({ title: "Below", parentId: parent?.id, assigneeId: ada.id, custom: { n: 1e-7 } });
  const gone = await tasks.create({ title: "Deleted" });
  await tasks.remove(gone.id);
});
afterAll(() => kit.stop());

/** What can be written, without what the database keeps; ids as places in the list where they are new. */
async function contentOf({ goals, tasks }: TrackIt, { names = false } = {}) {
  const [allGoals, allTasks] = [await goals.list().toArray(), await tasks.list().toArray()];
  const name = new Map([...allGoals, ...allTasks].map(({ id, title }) => [id, title]));
  const ref = (id: string | null) => (names && id !== null ? (name.get(id) ?? null) : id);
  return {
    goals: allGoals.map(
      ({ id, title, description, status, priority, colour, icon, startsOn, dueAt, position, custom }) => ({
        id: ref(id),
        ...{ title, description, status, priority, colour, icon, startsOn, dueAt, position, custom },
      }),
    ),
    tasks: allTasks.map(
      ({ id, goalId, parentId, title, description, status, priority, dueAt, remindAt, ...more }) => ({
        ...{ id: ref(id), goalId: ref(goalId), parentId: ref(parentId) },
        ...{ title, description, status, priority, dueAt, remindAt },
        ...{ rrule: more.rrule, tags: more.tags, position: more.position, custom: more.custom },
      }),
    ),
  };
}

async function erase({ id }: Person): Promise<void> {
  await kit.sql`delete from public.tasks where owner_id = ${id}`;
  await kit.sql`delete from public.goals where owner_id = ${id}`;
}

describe.each(["json", "csv"] as const)("%s", (format) => {
  it("an export brings everything back exactly, and importing it again changes nothing", async () => {
    const before = await contentOf(ada.trackit);
    const text = await ada.trackit.export({ format }).text();
    expect(text).not.toContain("Deleted");
    expect(await ada.trackit.import(text)).toEqual({ created: 0, unchanged: 5, failed: [] });
    await erase(ada);
    expect(await ada.trackit.import(text)).toEqual({ created: 5, unchanged: 0, failed: [] });
    expect(await contentOf(ada.trackit)).toEqual(before);
    expect(await ada.trackit.import(text)).toEqual({ created: 0, unchanged: 5, failed: [] });
  });

  it("ben cannot take over ada's rows under her ids (CONFLICT_ID), and loses none; under new ids he has a copy", async () => {
    const ben = await kit.join("ben");
    const text = await ada.trackit.export({ format }).text();
    const refused = await ben.trackit.import(text);
    expect(refused.created).toBe(0);
    expect(refused.failed.map(({ code }) => code).sort()).toEqual(
      expect.arrayContaining(["CONFLICT_ID", "CONFLICT_ID", "CONFLICT_ID"]),
    );
    expect(refused.failed).toHaveLength(5);
    expect(refused.failed.every(({ row, line, message }) => Boolean(row && line && message))).toBe(true);
    const copied = await ben.trackit.import(text, { ids: "new" });
    // Ada may not be assigned in ben's task: that one row is reported, with its line.
    expect(copied).toMatchObject({
      created: 4,
      failed: [{ kind: "task", code: "USAGE_REFERENCE", field: "assigneeId" }],
    });
    const mine = await contentOf(ben.trackit, { names: true });
    expect(mine.goals).toEqual((await contentOf(ada.trackit, { names: true })).goals);
    expect(mine.tasks.map((task) => task.title).sort()).toEqual(["@risk", "Alone"]);
  });

  it("comes in chunks, and goes in as chunks", async () => {
    const chunks: string[] = [];
    for await (const chunk of ada.trackit.export({ format })) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThanOrEqual(6);
    const again = await ada.trackit.import(ada.trackit.export({ format }));
    expect(again).toEqual({ created: 0, unchanged: 5, failed: [] });
  });
});

describe("rows at fault", () => {
  it("are reported with line, reason and content, and cost no other row", async () => {
    const eve = await kit.join("eve");
    const csv = [
      "kind,title,status,priority,tags,dueAt,goalId",
      "goal,Read,open,1,,,",
      "goal,read,open,2,,,",
      "task,Fine,todo,,home; urgent,2030-01-01T00:00:00Z,",
      "task,,todo,,,,",
      'task,"Two',
      'lines",todo,,,,',
      "task,Late,todo,,,tomorrow,",
      "dream,Fly,,,,,",
      "task,Extra,todo,,,,,,more",
      `task,Lost,todo,,,,${randomUUID()}`,
      "task,<b>Bold</b>,todo,3,,,",
    ].join("\n");
    const report = await eve.trackit.import(csv);
    expect(report).toMatchObject({ created: 3, unchanged: 0 });
    const faults = new Map(report.failed.map((failure) => [failure.line, failure]));
    expect(faults.get(3)).toMatchObject({
      code: "CONFLICT_TITLE_TAKEN",
      kind: "goal",
      row: { title: "read" },
    });
    expect(faults.get(5)).toMatchObject({ code: "USAGE_INVALID", field: "title" });
    expect(faults.get(6)).toMatchObject({
      code: "USAGE_INVALID",
      field: "title",
      row: { title: "Two\nlines" },
    });
    expect(faults.get(8)).toMatchObject({ code: "USAGE_INVALID", field: "dueAt" });
    expect(faults.get(9)).toMatchObject({ code: "USAGE_INVALID", field: "kind" });
    expect(faults.get(10)).toMatchObject({
      code: "USAGE_INVALID",
      row: { cells: expect.arrayContaining(["more"]) },
    });
    expect(faults.get(11)).toMatchObject({ code: "USAGE_REFERENCE", field: "goalId" });
    expect(faults.size).toBe(7);
    const tasks = await eve.trackit.tasks.list().toArray();
    expect(tasks.map((task) => [task.title, task.tags])).toEqual([
      ["Fine", ["home", "urgent"]],
      ["< b>Bold< /b>", []],
    ]);
  });

  it("text that is no export is refused whole (USAGE_), and nothing is written", async () => {
    const eve = await kit.join("eve");
    const attempt = (text: string) => eve.trackit.import(text);
    await expect(attempt('{"goals": [')).rejects.toMatchObject(refusal("USAGE_INVALID", { field: "data" }));
    await expect(attempt('{"rooms": []}')).rejects.toMatchObject(refusal("USAGE_INVALID", { field: "data" }));
    await expect(attempt("kind,title,colr\ngoal,x,red")).rejects.toMatchObject(
      refusal("USAGE_UNKNOWN_FIELD", { field: "colr" }),
    );
    await expect(attempt("")).rejects.toMatchObject(refusal("USAGE_INVALID"));
    await expect(eve.trackit.import(42 as never)).rejects.toMatchObject(
      refusal("USAGE_INVALID", { field: "data" }),
    );
    expect(await eve.trackit.goals.list().toArray()).toEqual([]);
  });

  it("beyond the limit, what fits is stored and the rest is reported (LIMIT_TASKS)", async () => {
    const eve = await kit.join("eve");
    await kit.sql`insert into public.limits (user_id, kind, max) values (${eve.id}, 'tasks', 150)`;
    const lines = Array.from({ length: 400 }, (_, n) => `task,Task ${n}`);
    const seen: ImportProgress[] = [];
    const report = await eve.trackit.import(["kind,title", ...lines].join("\r\n"), {
      onProgress: (progress) => seen.push(progress),
    });
    expect(report.created).toBe(150);
    expect(report.failed).toHaveLength(250);
    expect(report.failed.every(({ code }) => code === "LIMIT_TASKS")).toBe(true);
    expect(seen.at(-1)).toEqual({ done: 400, total: 400, failed: 250 });
    expect(seen.map(({ done }) => done)).toEqual([100, 200, 300, 400]);
    expect(await eve.trackit.limits.list()).toContainEqual({ kind: "tasks", max: 150, used: 150 });
  });

  it("an import that is given up can be repeated, and goes on where it was", async () => {
    const eve = await kit.join("eve");
    const tasks = Array.from({ length: 250 }, (_, n) => ({ id: randomUUID(), title: `Task ${n}` }));
    const stop = new AbortController();
    const text = JSON.stringify({ goals: [], tasks });
    const first = eve.trackit.import(text, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(first).rejects.toMatchObject(
      refusal("NETWORK_ABORTED", { details: { report: { created: 100 } } }),
    );
    expect(await eve.trackit.import(text)).toEqual({ created: 150, unchanged: 100, failed: [] });
  });
});
