import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Task } from "../../sdk/src/index.ts";
import { type Person, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Person;
let eve: Person;

beforeAll(async () => {
  kit = await startSdkKit();
  [ada, eve] = await Promise.all([kit.join("ada"), kit.join("eve")]);
});
afterAll(() => kit.stop());

const titles = (rows: readonly { title: string }[]): string[] => rows.map((row) => row.title);
const hour = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * hour).toISOString();

describe("pages", () => {
  it.each(["position", "createdAt", "updatedAt", "dueAt", "priority"] as const)(
    "walking 60 tasks by %s meets each once, in both directions, on pages of 7",
    async (sort) => {
      const { trackit } = await kit.join("ada");
      const made = await trackit.tasks.createMany(
        Array.from({ length: 60 }, (_, n) => ({
          title: `task ${n}`,
          priority: (n % 4) as 0 | 1 | 2 | 3,
          dueAt: n % 3 === 0 ? null : `2030-01-01T00:00:00.${String(n % 7).padStart(6, "0")}Z`,
        })),
      );
      const up = await trackit.tasks.list({ sort, direction: "asc" }, { pageSize: 7 }).toArray();
      const down = await trackit.tasks.list({ sort, direction: "desc" }, { pageSize: 7 }).toArray();
      expect(new Set(up.map((task) => task.id))).toEqual(new Set(made.map((task) => task.id)));
      expect(up).toHaveLength(60);
      expect(down.map((task) => task.id)).toEqual(up.map((task) => task.id).reverse());
      if (sort === "position") expect(titles(up)).toEqual(titles(made));
      if (sort === "dueAt") expect(up.slice(-20).every((task) => task.dueAt === null)).toBe(true);
    },
  );

  it("rows that are inserted and removed meanwhile neither repeat nor hide any other", async () => {
    const { trackit } = await kit.join("ada");
    const made = await trackit.tasks.createMany(
      Array.from({ length: 30 }, (_, n) => ({ title: `old ${n}` })),
    );
    const met: string[] = [];
    for await (const task of trackit.tasks.list({}, { pageSize: 5 })) {
      met.push(task.title);
      const n = met.length;
      if (n === 7) await trackit.tasks.create({ title: "in front", position: "a1" });
      if (n === 12) await trackit.tasks.remove(made[2]?.id ?? "");
      if (n === 14) await trackit.tasks.remove(made[20]?.id ?? "");
      if (n === 18) await trackit.tasks.create({ title: "behind" });
    }
    const expected = [...titles(made).filter((title) => title !== "old 20"), "behind"];
    expect(met).toEqual(expected);
  });

  it("page() reads one page, `next` goes on from there, null ends it", async () => {
    const { trackit } = await kit.join("ada");
    await trackit.goals.createMany([{ title: "a" }, { title: "b" }, { title: "c" }]);
    const list = trackit.goals.list();
    const first = await list.page({ limit: 2 });
    expect(titles(first.rows)).toEqual(["a", "b"]);
    const second = await list.page({ limit: 2, after: first.next });
    expect(titles(second.rows)).toEqual(["c"]);
    expect(second.next).toBeNull();
    expect(await trackit.goals.list().page({ limit: 3 })).toMatchObject({ next: null });
  });

  it("a cursor of another order, or rubbish, is refused (USAGE_CURSOR); so is a senseless limit", async () => {
    const { trackit } = await kit.join("ada");
    await trackit.goals.createMany([{ title: "a" }, { title: "b" }]);
    const { next } = await trackit.goals.list({ sort: "createdAt" }).page({ limit: 1 });
    const page = (after: string) => trackit.goals.list({ sort: "dueAt" }).page({ after });
    await expect(page(next ?? "")).rejects.toMatchObject(refusal("USAGE_CURSOR", { field: "after" }));
    await expect(page("%%%")).rejects.toMatchObject(refusal("USAGE_CURSOR"));
    await expect(page("W10")).rejects.toMatchObject(refusal("USAGE_CURSOR"));
    await expect(trackit.goals.list().page({ limit: 0 })).rejects.toMatchObject(refusal("USAGE_INVALID"));
    await expect(trackit.goals.list().page({ limit: 501 })).rejects.toMatchObject(refusal("USAGE_INVALID"));
  });

  it("a forged cursor reads nothing that is not the caller's", async () => {
    const mine = await ada.trackit.goals.create({ title: "Mine alone" });
    const forged = (value: string) =>
      Buffer.from(JSON.stringify(["position.asc", value, mine.id])).toString("base64url");
    for (const value of ['"),id.not.is.null', "a0", "'; select 1 --", '\\"", owner_id.neq."x']) {
      const page = await eve.trackit.goals.list().page({ after: forged(value) });
      expect(page.rows).toEqual([]);
    }
    expect((await ada.trackit.goals.list().page({ after: forged("A0") })).rows).not.toEqual([]);
  });

  it("stops with NETWORK_ABORTED when its signal fires, at once and in the middle", async () => {
    const { trackit } = await kit.join("ada");
    await trackit.tasks.createMany(Array.from({ length: 20 }, (_, n) => ({ title: `t ${n}` })));
    await expect(trackit.tasks.list({}, { signal: AbortSignal.abort() }).toArray()).rejects.toMatchObject(
      refusal("NETWORK_ABORTED"),
    );
    const stop = new AbortController();
    const met: Task[] = [];
    const walk = async () => {
      for await (const task of trackit.tasks.list({}, { pageSize: 4, signal: stop.signal })) {
        if (met.push(task) === 6) stop.abort();
      }
    };
    await expect(walk()).rejects.toMatchObject(refusal("NETWORK_ABORTED"));
    expect(met).toHaveLength(6);
  });

  it("leaving the loop early asks for no further page", async () => {
    let requests = 0;
    const counting: typeof fetch = (input, init) => {
      if (String(input).includes("/rest/v1/tasks")) requests += 1;
      return fetch(input, init);
    };
    const { trackit } = await kit.join("ada", kit.trackit({ fetch: counting }));
    await trackit.tasks.createMany(Array.from({ length: 20 }, (_, n) => ({ title: `t ${n}` })));
    requests = 0;
    for await (const _task of trackit.tasks.list({}, { pageSize: 5 })) break;
    expect(requests).toBe(1);
    expect(await trackit.tasks.list({}, { pageSize: 5 }).toArray({ max: 5 })).toHaveLength(5);
    expect(requests).toBe(2);
  });
});

describe("filters", () => {
  let ben: Person;

  beforeAll(async () => {
    ben = await kit.join("ben");
    const goal = await ben.trackit.goals.create({ title: "Home" });
    const [paint] = await ben.trackit.tasks.createMany([
      {
        title: "Paint the wall",
        goalId: goal.id,
        tags: ["home", "a,b"],
        priority: 3,
        dueAt: inHours(-48),
        custom: { shop: { name: "market" } },
      },
      { title: "Água para as plantas", tags: ["home"], priority: 1, dueAt: inHours(-24), status: "done" },
      {
        title: "Call the plumber",
        tags: ['say "hi"', "{x}"],
        status: "blocked",
        dueAt: inHours(30),
        description: "about the kitchen sink",
      },
      { title: "Buy a ladder", status: "doing", custom: { shop: { name: "depot", open: true } } },
      { title: "Next year", dueAt: inHours(24 * 300) },
    ]);
    await ben.trackit.tasks.create({ title: "Second coat", parentId: paint?.id });
  });

  const found = async (filter: Parameters<Person["trackit"]["tasks"]["list"]>[0]): Promise<string[]> =>
    titles(await ben.trackit.tasks.list(filter).toArray()).sort();

  it("by status, one or several, and by priority", async () => {
    expect(await found({ status: "done" })).toEqual(["Água para as plantas"]);
    expect(await found({ status: ["doing", "blocked"] })).toEqual(["Buy a ladder", "Call the plumber"]);
    expect(await found({ priority: [1, 3] })).toEqual(["Paint the wall", "Água para as plantas"]);
  });

  it("by goal and by parent, null for none", async () => {
    const [goal] = await ben.trackit.goals.list().toArray();
    expect(await found({ goalId: goal?.id })).toEqual(["Paint the wall", "Second coat"]);
    expect(await found({ goalId: null })).toHaveLength(4);
    expect(await found({ goalId: goal?.id, parentId: null })).toEqual(["Paint the wall"]);
  });

  it("by tags, whatever characters they hold, all of them at once", async () => {
    expect(await found({ tag: "home" })).toEqual(["Paint the wall", "Água para as plantas"]);
    expect(await found({ tags: ["home", "a,b"] })).toEqual(["Paint the wall"]);
    expect(await found({ tag: 'say "hi"' })).toEqual(["Call the plumber"]);
    expect(await found({ tags: ["{x}", 'say "hi"'] })).toEqual(["Call the plumber"]);
    expect(await found({ tag: "a" })).toEqual([]);
  });

  it("by custom containment, at any depth", async () => {
    expect(await found({ custom: { shop: { name: "market" } } })).toEqual(["Paint the wall"]);
    expect(await found({ custom: { shop: {} } })).toEqual(["Buy a ladder", "Paint the wall"]);
    expect(await found({ custom: { shop: { name: 'x"},' } } })).toEqual([]);
  });

  it("by words, without regard to accents and case, in title, description and tags", async () => {
    expect(await found({ search: "AGUA" })).toEqual(["Água para as plantas"]);
    expect(await found({ search: "kitchen" })).toEqual(["Call the plumber"]);
    expect(await found({ search: "home" })).toEqual(["Paint the wall", "Água para as plantas"]);
    expect(await found({ search: '"the wall" paint' })).toEqual(["Paint the wall"]);
    expect(await found({ search: "nothing) or (1=1" })).toEqual([]);
  });

  it("by words and everything else at once, page by page in any order", async () => {
    const { trackit } = await kit.join("ada");
    const rows = Array.from({ length: 30 }, (_, n) => ({
      title: `${n % 2 ? "water" : "feed"} plant ${n}`,
      priority: (n % 3) as 0 | 1 | 2,
      tags: n % 5 ? [] : ["five"],
      dueAt: inHours(n + 1),
    }));
    await trackit.tasks.createMany(rows);
    const list = (filter: object) =>
      trackit.tasks.list({ search: "water", ...filter }, { pageSize: 4 }).toArray();
    expect(titles(await list({}))).toEqual(titles(rows.filter((_, n) => n % 2 === 1)));
    expect(titles(await list({ sort: "dueAt", direction: "desc", priority: 1 }))).toEqual(
      titles(rows.filter((_, n) => n % 2 === 1 && n % 3 === 1)).reverse(),
    );
    expect(titles(await list({ tag: "five", due: { to: inHours(10) } }))).toEqual(["water plant 5"]);
    expect((await trackit.goals.list({ search: "water" }).page()).rows).toEqual([]);
  });

  it("by deadline: overdue, soon, none, and a window", async () => {
    expect(await found({ due: "overdue" })).toEqual(["Paint the wall"]);
    expect(await found({ due: "soon" })).toEqual(["Call the plumber"]);
    expect(await found({ due: "none" })).toEqual(["Buy a ladder", "Second coat"]);
    expect(await found({ due: { from: inHours(24 * 200) } })).toEqual(["Next year"]);
    expect(await found({ due: { to: inHours(-30) } })).toEqual(["Paint the wall"]);
    expect(await found({ due: { from: inHours(-30), to: inHours(40) } })).toEqual([
      "Call the plumber",
      "Água para as plantas",
    ]);
  });

  it("today is the day of the profile's time zone, or of the one given", async () => {
    const { trackit } = await kit.join("ada");
    await trackit.profiles.update({ timeZone: "Pacific/Kiritimati" });
    const noon = (zone: string, day: number) => {
      const now = new Date(Date.now() + day * 24 * hour);
      const date = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now);
      return zone === "Pacific/Kiritimati" ? `${date}T12:00:00+14:00` : `${date}T12:00:00-11:00`;
    };
    await trackit.tasks.createMany([
      { title: "noon in Kiritimati", dueAt: noon("Pacific/Kiritimati", 0) },
      { title: "noon there tomorrow", dueAt: noon("Pacific/Kiritimati", 1) },
      { title: "noon in Niue", dueAt: noon("Pacific/Niue", 0) },
    ]);
    const today = async (timeZone?: string) =>
      titles(await trackit.tasks.list({ due: "today" }, { timeZone }).toArray());
    expect(await today()).toContain("noon in Kiritimati");
    expect(await today()).not.toContain("noon there tomorrow");
    expect(await today("Pacific/Niue")).toContain("noon in Niue");
    await trackit.profiles.update({ timeZone: "Pacific/Niue" });
    expect(await today()).toEqual(await today("Pacific/Niue"));
  });

  it("a filter that does not exist or makes no sense is refused (USAGE_)", () => {
    const list = (filter: object) => () => ben.trackit.tasks.list(filter as never);
    expect(list({ state: "done" })).toThrow(
      expect.objectContaining(refusal("USAGE_UNKNOWN_FIELD", { field: "state" })),
    );
    expect(list({ status: "finished" })).toThrow(expect.objectContaining(refusal("USAGE_INVALID")));
    expect(list({ due: "later" })).toThrow(
      expect.objectContaining(refusal("USAGE_INVALID", { field: "due" })),
    );
    expect(() => ben.trackit.tasks.list({}, { timeZone: "Mars/Olympus" })).toThrow(
      expect.objectContaining(refusal("USAGE_INVALID", { field: "timeZone" })),
    );
  });
});

describe("the feed and the limits", () => {
  it("ada reads what happened to her things, newest first; eve reads none of it", async () => {
    const { trackit } = await kit.join("ada");
    const goal = await trackit.goals.create({ title: "Sing", tasks: [{ title: "Scales" }] });
    await trackit.goals.setStatus(goal.id, "done");
    await trackit.goals.remove(goal.id);
    const feed = await trackit.activities.list({}, { pageSize: 2 }).toArray();
    expect(feed.map((activity) => activity.kind)).toEqual(
      expect.arrayContaining(["goal.deleted", "goal.status", "goal.created"]),
    );
    expect(feed[0]?.kind).toBe("goal.deleted");
    const [change] = await trackit.activities.list({ kind: "goal.status", entityId: goal.id }).toArray();
    expect(change?.data).toMatchObject({ from: "open", to: "done", title: "Sing" });
    expect(await eve.trackit.activities.list({ entityId: goal.id }).toArray()).toEqual([]);
  });

  it("limits say what is used, and the one row too many is refused (LIMIT_GOALS)", async () => {
    const { trackit, id } = await kit.join("ben");
    await kit.sql`insert into public.limits (user_id, kind, max) values (${id}, 'goals', 2)`;
    await trackit.goals.createMany([{ title: "one" }, { title: "two" }]);
    expect(await trackit.limits.list()).toContainEqual({ kind: "goals", max: 2, used: 2 });
    await expect(trackit.goals.create({ title: "three" })).rejects.toMatchObject(refusal("LIMIT_GOALS"));
    const [first] = await trackit.goals.list().toArray();
    await trackit.goals.remove(first?.id ?? "");
    expect(await trackit.goals.create({ title: "three" })).toMatchObject({ title: "three" });
    await expect(trackit.goals.restore(first?.id ?? "")).rejects.toMatchObject(refusal("LIMIT_GOALS"));
  });
});
