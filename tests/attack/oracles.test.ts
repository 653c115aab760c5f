import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeOf, type Received, refusal } from "../support/http.ts";
import { as, asService, createPeople, type Person } from "../support/people.ts";
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
