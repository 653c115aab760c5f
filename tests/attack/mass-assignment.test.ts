import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../support/http.ts";
import { as, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Columns smuggled in beside others, and other people's rows written by the way of a conflict. */
let stack: TestStack;
let people: Record<"ada" | "eve", Person>;
const run = crypto.randomUUID();

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "eve");
  await stack.db.query("insert into public.goals (id, owner_id, title) values ($1, $2, 'Run')", [
    run,
    people.ada.id,
  ]);
});
afterAll(() => stack?.close());

const everything = async () =>
  (
    await stack.db.query(
      "select (select json_agg(g order by id) from public.goals g) as goals, (select json_agg(p order by id) from public.profiles p) as profiles",
    )
  ).rows;

function send(person: Person, method: string, path: string, body: unknown, prefer = "return=representation") {
  return stack.send({ method, path: `/rest/v1/${path}`, headers: { ...as(stack, person), prefer }, body });
}

describe("a privileged column beside an open one", () => {
  it.each([
    ["PATCH", `goals?id=eq.${run}`, { description: "Fine.", owner_id: "eve" }],
    ["PATCH", `goals?id=eq.${run}`, { description: "Fine.", version: 99 }],
    ["PATCH", `goals?id=eq.${run}`, { description: "Fine.", completed_at: null }],
    ["POST", "goals", { title: "Swim", version: 99 }],
    ["POST", "goals", { title: "Swim", created_at: "2020-01-01" }],
    ["POST", "goals", { title: "Swim", tasks_done: 1, tasks_total: 1 }],
    [
      "POST",
      "goals",
      [
        { title: "Swim", version: 1 },
        { title: "Fly", version: 99 },
      ],
    ],
    ["POST", "tasks", { title: "Shoes", completed_at: "2020-01-01" }],
    ["PATCH", "profiles?username=eq.ada-test", { display_name: "Ada", status: "suspended" }],
    ["PATCH", "profiles?username=eq.ada-test", { display_name: "Ada", plan: "gold" }],
  ])("%s %s %j: the whole is refused (403 42501) and nothing is half-written", async (method, path, body) => {
    const before = await everything();
    const text = JSON.stringify(body).replace('"eve"', `"${people.eve.id}"`);
    expect(refusal(await send(people.ada, method, path, text))).toBe("403 42501");
    expect(await everything()).toEqual(before);
  });

  it("is what stands in the way: without it the same calls succeed", async () => {
    expect((await send(people.ada, "PATCH", `goals?id=eq.${run}`, { description: "Fine." })).status).toBe(
      200,
    );
    expect((await send(people.ada, "POST", "goals", [{ title: "Swim" }, { title: "Fly" }])).status).toBe(201);
  });

  it("cannot be hidden by `columns`, which takes what it names and drops the rest", async () => {
    const dropped = await send(people.ada, "POST", "goals?columns=title", { title: "Dive", version: 99 });
    expect(dropped).toMatchObject({ status: 201, json: [{ title: "Dive", version: 1 }] });
    const named = await send(people.ada, "POST", "goals?columns=title,version", {
      title: "Sail",
      version: 99,
    });
    expect(refusal(named)).toBe("403 42501");
  });
});

describe("a column that is none", () => {
  it.each([
    "nothing",
    "__proto__",
    "constructor",
    "ctid",
    "xmin",
    "tableoid",
    'title"',
    "title) values ('x') --",
  ])("%j is refused (4xx) and writes nothing", async (column) => {
    const before = await everything();
    const body = `{"title": "Odd", ${JSON.stringify(column)}: "x"}`;
    for (const [method, path] of [
      ["POST", "goals"],
      ["PATCH", `goals?id=eq.${run}`],
    ] as const) {
      const answer = await send(people.ada, method, path, body);
      expect([method, answer.status]).toEqual([method, 400]);
    }
    expect(await everything()).toEqual(before);
  });
});

describe("an upsert", () => {
  const conflicts = [
    "goals",
    "goals?on_conflict=id",
    "goals?on_conflict=owner_id,title",
    "goals?on_conflict=owner_id",
  ];

  it.each(conflicts)("of eve's onto ada's goal by %s merges nothing into it", async (path) => {
    const before = await everything();
    const body = { id: run, title: "Mine now", description: "Taken." };
    for (const row of [body, { ...body, owner_id: people.ada.id }, { ...body, owner_id: people.eve.id }]) {
      const answer = await send(
        people.eve,
        "POST",
        path,
        row,
        "resolution=merge-duplicates,return=representation",
      );
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect(await everything()).toEqual(before);
  });

  it("of eve's that ignores duplicates tells her that the id is in use and nothing of the row", async () => {
    const before = await everything();
    const prefer = "resolution=ignore-duplicates,return=representation";
    const answer = await send(people.eve, "POST", "goals", { id: run, title: "Mine now" }, prefer);
    expect(answer).toMatchObject({ status: 201, json: [] });
    expect(await everything()).toEqual(before);
  });

  it("of a profile changes nobody's status, ada's own neither", async () => {
    const before = await everything();
    for (const person of [people.ada, people.eve]) {
      const body = { id: people.ada.id, username: "ada-test", display_name: "Ada", status: "suspended" };
      const answer = await send(person, "POST", "profiles", body, "resolution=merge-duplicates");
      expect(refusal(answer)).toBe("403 42501");
    }
    expect(await everything()).toEqual(before);
  });

  it("of ada's own goal, ignoring duplicates, is safe to repeat", async () => {
    const body = { id: crypto.randomUUID(), title: "Climb" };
    const prefer = "resolution=ignore-duplicates,return=representation";
    expect((await send(people.ada, "POST", "goals", body, prefer)).json).toHaveLength(1);
    expect((await send(people.ada, "POST", "goals", body, prefer)).json).toEqual([]);
  });
});

describe("a write without a filter", () => {
  it.each([
    ["DELETE", "goals", undefined],
    ["PATCH", "goals", { description: "All of them." }],
    ["PATCH", "profiles", { display_name: "All of them" }],
    ["PATCH", "goals?select=id", { description: "All of them." }],
    ["PATCH", "goals?limit=1", { description: "All of them." }],
    ["DELETE", "goals?order=id", undefined],
    ["DELETE", "goals?columns=id", undefined],
    ["DELETE", "goals?on_conflict=id", undefined],
  ])(
    "%s %s is refused, for ada and for the service alike, and touches no row",
    async (method, path, body) => {
      const before = await everything();
      const service = { apikey: stack.env.SECRET_KEY };
      for (const headers of [as(stack, people.ada), service]) {
        const answer = await stack.send({ method, path: `/rest/v1/${path}`, headers, body });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
      }
      expect(await everything()).toEqual(before);
    },
  );

  it("is one for a row that a filter names", async () => {
    const answer = await send(people.ada, "PATCH", `goals?id=eq.${run}`, { description: "This one." });
    expect(answer).toMatchObject({ status: 200, json: [{ id: run, description: "This one." }] });
  });
});
