import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeOf, type Received, refusal } from "../support/http.ts";
import { as, asAnon, asService, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Ways to learn of rows that one may not read: what is answered must not depend on them. */
let stack: TestStack;
let people: Record<"ada" | "ben" | "eve", Person>;
const run = crypto.randomUUID();
const shoes = crypto.randomUUID();

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "ben", "eve");
  const { db } = stack;
  await db.query("insert into public.goals (id, owner_id, title) values ($1, $2, 'Run')", [
    run,
    people.ada.id,
  ]);
  await db.query(
    "insert into public.goals (owner_id, title) select $1, 'Goal ' || n from generate_series(1, 200) as n",
    [people.ben.id],
  );
  await db.query("insert into public.goals (owner_id, title) values ($1, 'Swim')", [people.eve.id]);
  await db.query("insert into public.tasks (id, owner_id, goal_id, title) values ($1, $2, $3, 'Shoes')", [
    shoes,
    people.ada.id,
    run,
  ]);
  // A table as a later migration might bring it: a column that is not granted.
  await db.query(`
    create table public.probe_secrets (id integer primary key, name text, secret text);
    insert into public.probe_secrets values (1, 'one', 'alpha'), (2, 'two', 'omega');
    alter table public.probe_secrets enable row level security;
    create policy probe_secrets_select on public.probe_secrets for select to authenticated using (true);
    grant select (id, name) on public.probe_secrets to authenticated;
    analyze;
    notify pgrst, 'reload schema';`);
});
afterAll(() => stack?.close());

const get = (person: Person, path: string, headers: Record<string, string> = {}): Promise<Received> =>
  stack.send({ path: `/rest/v1/${path}`, headers: { ...as(stack, person), ...headers } });

const post = (
  person: Person,
  path: string,
  body: unknown,
  prefer = "return=representation",
): Promise<Received> =>
  stack.send({ method: "POST", path: `/rest/v1/${path}`, headers: { ...as(stack, person), prefer }, body });

describe("an embed", () => {
  const embeds = [
    "goals?select=title,owner:profiles!goals_owner_id_fkey(*)",
    "goals?select=title,tasks(*)",
    "goals?select=title,tasks!inner(*)",
    "tasks?select=title,goal:goals(*)",
    "tasks?select=title,parent:tasks!tasks_parent_id_fkey(*)",
    "profiles?select=username,goals(*),user_roles(*),limits(*)",
    "profiles?select=username,activities!activities_user_id_fkey(*)",
    "activities?select=kind,profiles!activities_user_id_fkey(*)",
    "limits?select=max,profiles(*)",
    "user_roles?select=role,profiles(*)",
  ];

  it.each(embeds)("%s shows eve nothing of ada's or ben's", async (path) => {
    const answer = await get(people.eve, path);
    expect(answer.status).toBe(200);
    for (const { id, username } of [people.ada, people.ben]) {
      expect(answer.text).not.toContain(id);
      expect(answer.text).not.toContain(username);
    }
    expect(answer.text).not.toContain("Run");
  });

  it("shows ada her own", async () => {
    const answer = await get(
      people.ada,
      "goals?select=title,owner:profiles!goals_owner_id_fkey(username),tasks(title)",
    );
    expect(answer.json).toEqual([
      { title: "Run", owner: { username: people.ada.username }, tasks: [{ title: "Shoes" }] },
    ]);
  });

  it.each([
    "goals?select=title,users(*)",
    "goals?select=title,auth.users(*)",
    "profiles?select=username,users(*)",
    "profiles?select=username,users!profiles_id_fkey(email)",
    "profiles?select=username,sessions(*)",
    "profiles?select=username,holdings(*)",
  ])("%s reaches no other schema (4xx)", async (path) => {
    for (const person of [people.eve, people.ada]) {
      const answer = await get(person, path);
      expect([400, 404]).toContain(answer.status);
      expect(codeOf(answer)).toMatch(/^PGRST|42P01/);
    }
  });

  it("filters and orders by others' rows no better than it shows them", async () => {
    const yes = `tasks?select=id,goals!inner(title)&goals.title=eq.Run`;
    expect(await get(people.eve, yes)).toMatchObject({ status: 200, json: [] });
    expect((await get(people.ada, yes)).json).toHaveLength(1);
  });
});

describe("a count", () => {
  it.each(["exact", "planned", "estimated"])(
    "%s of others' rows is what it is of rows that are not there",
    async (kind) => {
      const total = async (person: Person, filter: string) => {
        const answer = await get(person, `goals?select=id&${filter}`, { prefer: `count=${kind}` });
        expect([200, 206]).toContain(answer.status);
        return answer.headers["content-range"]?.split("/")[1];
      };
      const ofBen = await total(people.eve, `owner_id=eq.${people.ben.id}`);
      const ofNobody = await total(people.eve, `owner_id=eq.${crypto.randomUUID()}`);
      expect(ofBen).toBe(ofNobody);
      expect(Number(ofBen)).toBeLessThan(2);
      expect(await total(people.eve, "title=eq.Run")).toBe(await total(people.eve, "title=eq.Nothing"));
      if (kind === "exact") expect(await total(people.ben, `owner_id=eq.${people.ben.id}`)).toBe("200");
    },
  );

  it("by aggregate is switched off or counts one's own alone", async () => {
    for (const select of ["count()", "id.count()", "title.max()", "owner_id,count()"]) {
      const answer = await get(people.eve, `goals?select=${select}`);
      expect(answer.text).not.toMatch(/20[012]|Run|Goal/);
    }
  });

  it("by HEAD tells no more than GET", async () => {
    const answer = await stack.send({
      method: "HEAD",
      path: `/rest/v1/goals?select=id&owner_id=eq.${people.ben.id}`,
      headers: { ...as(stack, people.eve), prefer: "count=exact" },
    });
    expect(answer.headers["content-range"]).toBe("*/0");
  });
});

describe("a plan", () => {
  it("is shown to nobody", async () => {
    for (const headers of [as(stack, people.eve), asService(stack)]) {
      const answer = await stack.send({
        path: "/rest/v1/goals",
        headers: { ...headers, accept: "application/vnd.pgrst.plan+json; options=analyze|verbose|buffers" },
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toMatch(/Seq Scan|Index|Plan/);
    }
  });
});

describe("a column that is not granted", () => {
  it.each([
    "probe_secrets?select=secret",
    "probe_secrets?select=*",
    "probe_secrets?select=id&secret=eq.alpha",
    "probe_secrets?select=id&secret=like.a*",
    "probe_secrets?select=id&or=(secret.eq.alpha,id.eq.9)",
    "probe_secrets?select=id&secret=in.(alpha)",
    "probe_secrets?select=id&secret=not.is.null",
    "probe_secrets?select=id&order=secret",
    "probe_secrets?select=id&order=secret.desc&limit=1",
    "probe_secrets?select=id,secret::text",
    "probe_secrets?select=id,length:secret",
  ])("%s is refused (403 42501), whether or not it would match", async (path) => {
    expect(refusal(await get(people.eve, path))).toBe("403 42501");
    expect(refusal(await get(people.eve, path.replace("alpha", "nothing")))).toBe("403 42501");
  });

  it("leaves the granted ones readable", async () => {
    expect((await get(people.eve, "probe_secrets?select=id,name&order=name&id=eq.1")).json).toEqual([
      { id: 1, name: "one" },
    ]);
  });
});

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

describe("another schema", () => {
  it.each([
    ["auth", "users"],
    ["private", "settings"],
    ["pgmq", "meta"],
    ["extensions", "pg_stat_statements"],
    ["information_schema", "tables"],
    ["pg_catalog", "pg_authid"],
    ["supabase_migrations", "schema_migrations"],
    ["storage", "objects"],
    ["realtime", "messages"],
    ["PUBLIC", "goals"],
    ['public"; set role postgres; --', "goals"],
    ["", "goals"],
  ])("%s.%s is reached by no profile header (406 PGRST106) and no path (404)", async (schema, table) => {
    for (const headers of [asAnon(stack), as(stack, people.eve), asService(stack)]) {
      const read = await stack.send({
        path: `/rest/v1/${table}?limit=1`,
        headers: { ...headers, "accept-profile": schema },
      });
      const write = await stack.send({
        method: "POST",
        path: `/rest/v1/${table}`,
        headers: { ...headers, "content-profile": schema },
        body: { title: "x" },
      });
      expect([refusal(read), refusal(write)]).toEqual(["406 PGRST106", "406 PGRST106"]);
      if (table === "goals") continue;
      for (const path of [table, `${schema}.${table}`, encodeURIComponent(`"${schema}"."${table}"`)]) {
        expect((await stack.send({ path: `/rest/v1/${path}`, headers })).status).toBe(404);
      }
    }
  });

  it("public is reached by its name", async () => {
    expect((await get(people.ada, "goals?select=title", { "accept-profile": "public" })).json).toEqual([
      { title: "Run" },
    ]);
  });

  it("is no table's neighbour: what Postgres keeps about itself is no resource (404)", async () => {
    for (const table of ["pg_authid", "pg_shadow", "pg_stat_activity", "pg_roles", "pg_policies", "users"]) {
      expect((await get(people.eve, table)).status).toBe(404);
    }
  });
});
