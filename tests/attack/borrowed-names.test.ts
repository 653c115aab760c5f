import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Received, refusal } from "../support/http.ts";
import { as, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Writing in somebody else's name, to learn from the refusal what they have. */
let stack: TestStack;
let people: Record<"ada" | "eve", Person>;
const run = crypto.randomUUID();
const shoes = crypto.randomUUID();

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "eve");
  const { ada } = people;
  const { db } = stack;
  await db.query("insert into public.goals (id, owner_id, title) values ($1, $2, 'Run')", [run, ada.id]);
  const task = "insert into public.tasks (id, owner_id, goal_id, title) values ($1, $2, $3, 'Shoes')";
  await db.query(task, [shoes, ada.id, run]);
});
afterAll(() => stack?.close());

const post = (
  person: Person,
  path: string,
  body: unknown,
  prefer = "return=representation",
): Promise<Received> =>
  stack.send({ method: "POST", path: `/rest/v1/${path}`, headers: { ...as(stack, person), prefer }, body });

describe("a write that names somebody else", () => {
  /** The same call about what is there and what is not must be answered in the same words. */
  async function expectAlike(
    there: Promise<Received>,
    notThere: Promise<Received>,
    wanted: string,
  ): Promise<void> {
    const [one, other] = await Promise.all([there, notThere]);
    expect(refusal(one)).toBe(wanted);
    expect(blank(one.text)).toBe(blank(other.text));
    expect(one.status).toBe(other.status);
  }
  const blank = (text: string) =>
    text
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
      .replaceAll("Nothing", "TITLE")
      .replaceAll("Run", "TITLE");

  it("tells eve nothing of the titles of ada's goals", async () => {
    await expectAlike(
      post(people.eve, "goals", { owner_id: people.ada.id, title: "Run" }),
      post(people.eve, "goals", { owner_id: people.ada.id, title: "Nothing" }),
      "403 42501",
    );
  });

  it("tells eve nothing of who has an account", async () => {
    await expectAlike(
      post(people.eve, "goals", { owner_id: people.ada.id, title: "Run" }),
      post(people.eve, "goals", { owner_id: crypto.randomUUID(), title: "Run" }),
      "403 42501",
    );
  });

  it("tells eve nothing of the goals that ada has, by a task of ada's", async () => {
    const task = { owner_id: people.ada.id, title: "Socks" };
    await expectAlike(
      post(people.eve, "tasks", { ...task, goal_id: run }),
      post(people.eve, "tasks", { ...task, goal_id: crypto.randomUUID() }),
      "403 42501",
    );
    await expectAlike(
      post(people.eve, "tasks", { ...task, parent_id: shoes }),
      post(people.eve, "tasks", { ...task, parent_id: crypto.randomUUID() }),
      "403 42501",
    );
  });

  it("tells eve nothing of ada's goals and tasks by a task of her own", async () => {
    const task = { title: "Socks" };
    for (const [field, id, code] of [
      ["goal_id", run, "400 TK401"],
      ["parent_id", shoes, "400 TK402"],
      ["assignee_id", people.ada.id, "400 TK405"],
    ] as const) {
      await expectAlike(
        post(people.eve, "tasks", { ...task, [field]: id }),
        post(people.eve, "tasks", { ...task, [field]: crypto.randomUUID() }),
        code,
      );
    }
  });

  it("hangs no task of eve's on a goal of ada's by goal_create either", async () => {
    const answer = await post(people.eve, "rpc/goal_create", {
      goal: { title: "Fly" },
      tasks: [{ title: "Socks", parent_id: shoes }],
    });
    expect(refusal(answer)).toBe("400 TK402");
    const replay = await post(people.eve, "rpc/goal_create", { goal: { id: run, title: "Run" } });
    expect(refusal(replay)).toBe("400 TK005");
    expect(replay.text).not.toContain(people.ada.id);
    const { rows } = await stack.db.query("select from public.goals where title = 'Fly'");
    expect(rows).toEqual([]);
  });

  it("succeeds for ada with what is hers", async () => {
    expect((await post(people.ada, "tasks", { title: "Socks", goal_id: run, parent_id: shoes })).status).toBe(
      201,
    );
  });
});
