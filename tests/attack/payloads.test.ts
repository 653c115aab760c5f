import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../support/http.ts";
import { createPeople, type Person } from "../support/people.ts";
import { type RawClient, rawClient } from "../support/raw.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Bodies and lists that are broken, nested, huge, or keys of more than data. */
let stack: TestStack;
let ada: Person;
let raw: RawClient;
let goal = "";

beforeAll(async () => {
  stack = await openStack();
  ({ ada } = await createPeople(stack, "ada"));
  raw = rawClient(stack, ada);
  const { rows } = await stack.db.query<{ id: string }>(
    "insert into public.goals (owner_id, title) values ($1, 'Run') returning id",
    [ada.id],
  );
  goal = rows[0]?.id ?? "";
});
afterAll(() => stack?.close());

const ownGoal = () => `goals?id=eq.${goal}`;

describe("JSON", () => {
  it.each(['{"title": "x"', "title=x", '"x"', "7", "null", "[[]]", "[1]", ""])(
    "%j, which is no row, is refused (400)",
    async (body) => {
      const before = await raw.everything();
      expect((await raw.send("POST", "goals", body, { "content-type": "application/json" })).status).toBe(
        400,
      );
      expect(await raw.everything()).toEqual(before);
    },
  );

  it("with keys of Object.prototype stores them as keys and changes nobody's prototype", async () => {
    const custom = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}';
    const made = await raw.send("POST", "goals", `{"title": "Keys", "custom": ${custom}}`, {
      prefer: "return=representation",
    });
    expect(made.status).toBe(201);
    expect(made.text).toContain('"__proto__"');
    const { rows } = await stack.db.query("select custom from public.goals where title = 'Keys'");
    expect(JSON.stringify(rows[0].custom)).toBe(JSON.stringify(JSON.parse(custom)));
    const other = await raw.send("GET", "goals?select=title&title=eq.Keys", undefined);
    expect(other).toMatchObject({ status: 200, text: '[{"title":"Keys"}]' });
  });

  it("may hold six levels and 16 KiB, and no more (400 23514)", async () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
    expect((await raw.send("PATCH", ownGoal(), { custom: nested(6) })).status).toBe(204);
    await raw.expectRefused("400 23514", "PATCH", ownGoal(), { custom: nested(8) });
    expect((await raw.send("PATCH", ownGoal(), { custom: { a: "x".repeat(16_000) } })).status).toBe(204);
    await raw.expectRefused("400 23514", "PATCH", ownGoal(), { custom: { a: "x".repeat(16_500) } });
    await raw.expectRefused("400 23514", "PATCH", ownGoal(), { custom: [1] });
  });

  it("a hundred thousand levels deep is refused, and the next call answered", async () => {
    const deep = `{"custom": ${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    const before = await raw.everything();
    for (const [method, path] of [
      ["PATCH", ownGoal()],
      ["POST", "rpc/goal_create"],
    ] as const) {
      expect((await raw.send(method, path, deep)).status).toBeGreaterThanOrEqual(400);
    }
    expect(await raw.everything()).toEqual(before);
    expect((await raw.send("GET", "goals?select=id&limit=1", undefined)).status).toBe(200);
  });

  it("whose answer is wanted as one object, but not at all, is stored and answered with nothing (201)", async () => {
    const accept = "application/vnd.pgrst.object+json";
    expect(await raw.send("POST", "goals", { title: "Silent" }, { accept })).toMatchObject({
      status: 201,
      text: "",
    });
    const { rows } = await stack.db.query("select from public.goals where title = 'Silent'");
    expect(rows).toHaveLength(1);
  });

  it("of eleven mebibytes is refused (413), and the same connection goes on", async () => {
    await raw.expectRefused(
      "413 BODY_TOO_LARGE",
      "POST",
      "goals",
      `{"title": "${"x".repeat(11 * 1024 * 1024)}"}`,
    );
    expect((await raw.send("GET", "goals?select=id&limit=1", undefined)).status).toBe(200);
  });

  it("with a title of a hundred thousand letters is refused with its head alone (400 23514)", async () => {
    const before = await raw.everything();
    const answer = await raw.send("POST", "goals", { title: "x".repeat(100_000) });
    expect(refusal(answer)).toBe("400 23514");
    expect(await raw.everything()).toEqual(before);
  });

  it("of more rows than goal_create takes is refused whole (400 TK006)", async () => {
    const tasks = Array.from({ length: 501 }, (_, n) => ({ title: `Task ${n}` }));
    await raw.expectRefused("400 TK006", "POST", "rpc/goal_create", { goal: { title: "Many" }, tasks });
    const made = await raw.send("POST", "rpc/goal_create", {
      goal: { title: "Many" },
      tasks: tasks.slice(0, 500),
    });
    expect(made.status).toBe(200);
  });

  it.each(["application/xml", "multipart/form-data; boundary=x"])(
    "called %s is refused (4xx)",
    async (type) => {
      const before = await raw.everything();
      const answer = await raw.send("POST", "goals", '{"title": "Typed"}', { "content-type": type });
      expect([400, 415]).toContain(answer.status);
      expect(await raw.everything()).toEqual(before);
    },
  );
});

describe("a very long list", () => {
  it("of 10,000 numbers is answered", async () => {
    const list = Array.from({ length: 10_000 }, (_, n) => n % 4).join(",");
    const answer = await raw.send("GET", `goals?select=title&title=eq.Keys&priority=in.(${list})`, undefined);
    expect(answer).toMatchObject({ status: 200, json: [{ title: "Keys" }] });
  });

  it("of 10,000 ids is too long for a request line (431), and the next call is answered", async () => {
    const list = Array.from({ length: 10_000 }, () => goal).join(",");
    expect((await raw.send("GET", `goals?select=title&id=in.(${list})`, undefined)).status).toBe(431);
    expect((await raw.send("GET", `goals?select=id&id=in.(${goal})`, undefined)).json).toEqual([
      { id: goal },
    ]);
  });
});
