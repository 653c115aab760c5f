import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../support/http.ts";
import { as, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/**
 * Filters, orders and selections that try to be more than that. Each is asked of ada's three goals, as a read and
 * as the condition of a write: a filter that were dropped in silence would read or hit all of them.
 */
let stack: TestStack;
let ada: Person;
const odd = `it's (1), "two"`;

beforeAll(async () => {
  stack = await openStack();
  const people = await createPeople(stack, "ada", "ben");
  ada = people.ada;
  for (const title of ["a", "b", odd]) await insert(ada, title);
  await insert(people.ben, "ben's");
});
afterAll(() => stack?.close());

const insert = ({ id }: Person, title: string) =>
  stack.db.query("insert into public.goals (owner_id, title) values ($1, $2)", [id, title]);

beforeEach(() => stack.db.query("update public.goals set description = '' where description <> ''"));

const read = (query: string) =>
  stack.send({ path: encodeSpaces(`/rest/v1/goals?${query}`), headers: as(stack, ada) });

const hit = (query: string) =>
  stack.send({
    method: "PATCH",
    path: encodeSpaces(`/rest/v1/goals?${query}`),
    headers: as(stack, ada),
    body: { description: "hit" },
  });

const encodeSpaces = (path: string) => path.replaceAll(" ", "%20");

async function titlesHit(): Promise<string[]> {
  const { rows } = await stack.db.query<{ title: string }>(
    "select title from public.goals where description = 'hit' order by title collate \"C\"",
  );
  return rows.map(({ title }) => title);
}

describe("a filter", () => {
  const quoted = `"it's (1), \\"two\\""`;
  it.each<[string, string[]]>([
    ["title=eq.a", ["a"]],
    [`title=eq.${odd}`, [odd]],
    [`title=in.(${quoted})`, [odd]],
    [`title=in.(a,${quoted})`, ["a", odd]],
    [`or=(title.eq.${quoted})`, [odd]],
    ["title=not.in.(a,b)", [odd]],
    ["not.or=(title.eq.a,title.eq.b)", [odd]],
    ["and=(title.eq.a,or(title.eq.b,title.eq.a))", ["a"]],
    ["title=lt.b&or=(title.eq.a)", ["a"]],
    ["title=neq.a&title=neq.b", [odd]],
    ["title=eq.' or true --", []],
    ["title=eq.') or ('1'='1", []],
    ["title=eq.$1", []],
    ["title=eq.a'; update goals set title = 'x", []],
    ["title=eq.\\", []],
    ['title=eq."a"', []],
    ['title=in.(a"b)', []],
    ["title=in.()", []],
    ["title=like.' || title || '", []],
    ["title=is.null", []],
    ["id=in.()", []],
    ["custom->>a=eq.' or '1'='1", []],
    ["title=eq.%FF%FE", []],
    ["search=plfts.') or true --", []],
  ])("%s finds and hits %j, no more and no less", async (query, titles) => {
    const found = await read(`select=title&order=title&${query}`);
    expect(found).toMatchObject({ status: 200, json: titles.map((title) => ({ title })) });
    expect((await hit(query)).status).toBe(204);
    expect(await titlesHit()).toEqual([...titles].sort());
  });

  it.each([
    ["or=(title.eq.a", "400 PGRST100"],
    ["or=()", "400 PGRST100"],
    ["and=(title.eq.a,)", "400 PGRST100"],
    ["or=(title.eq.zz,or(title.eq.y", "400 PGRST100"],
    [`or=(title.eq.${odd})`, "400 PGRST100"],
    ["title=", "400 PGRST100"],
    ["=eq.a", "400 PGRST100"],
    ["title=equals.a", "400 PGRST100"],
    ["title=not.not.eq.a", "400 PGRST100"],
    ["title=is.foo", "400 PGRST100"],
    ["custom->>'a'=eq.1", "400 PGRST100"],
    ["title.eq=a", "400 PGRST108"],
    ["goals.title=eq.a", "400 PGRST108"],
    ["profiles.username=eq.ada-test", "400 PGRST108"],
    ["title'=eq.a", "400 42703"],
    ["id=eq.no-uuid", "400 22P02"],
    ["status=eq.nope", "400 22P02"],
    ["custom=cs.{bad", "400 22P02"],
    ["title=imatch.^(((a", "400 2201B"],
    ["search=fts.a%26", "400 42601"],
    ["search=fts(pg_sleep).a", "400 42704"],
    ["title=eq.a%00", "400 22021"],
    ["title%00=eq.a", "400 PGRST100"],
  ])("%s is refused (%s), and hits nothing", async (query, code) => {
    expect(refusal(await read(query))).toBe(code);
    expect(refusal(await hit(query))).toBe(code);
    expect(await titlesHit()).toEqual([]);
  });

  it.each(["nothing", "__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"])(
    "on nothing, %s, is refused (400 42703) and not dropped beside another",
    async (name) => {
      expect(refusal(await read(`${name}=eq.1`))).toBe("400 42703");
      expect(refusal(await hit(`title=neq.zz&${name}=eq.1`))).toBe("400 42703");
      expect(await titlesHit()).toEqual([]);
    },
  );

  it.each([
    "title=eq",
    "title::text=eq.a",
    "title::regclass=eq.a",
    "title) or (true=eq.a",
    "title::text||pg_sleep(9)=eq.a",
  ])("%s is refused or read as its plain beginning, and reaches nothing but a", async (query) => {
    const answer = await read(`select=title&${query}`);
    if (answer.status === 200) expect([[], [{ title: "a" }]]).toContainEqual(answer.json);
    else expect([400, 404]).toContain(answer.status);
    await hit(query);
    expect([[], ["a"]]).toContainEqual(await titlesHit());
  });

  it("nested two hundred levels deep is answered", async () => {
    const deep = (n: number): string => (n === 0 ? "title.eq.a" : `and(${deep(n - 1)},title.neq.zz)`);
    const answer = await read(`select=title&or=(${deep(200)})`);
    expect(answer).toMatchObject({ status: 200, json: [{ title: "a" }] });
  });

  it("with two thousand branches is answered", async () => {
    const branches = Array.from({ length: 1500 }, (_, n) => `title.eq.t${n}`);
    const answer = await read(`select=title&or=(${branches},title.eq.a)`);
    expect(answer).toMatchObject({ status: 200, json: [{ title: "a" }] });
  });
});

describe("a search", () => {
  const search = (name: string, body: unknown) =>
    stack.send({ method: "POST", path: `/rest/v1/rpc/${name}?select=title`, headers: as(stack, ada), body });

  it.each([
    { query: "') or true --" },
    { query: "a' | 'b", custom: { x: 1 } },
    { query: "zz or true" },
    { custom: { "x' or '1'='1": 1 } },
    { query: "%", custom: null },
  ])("for %j finds nothing that does not match", async (body) => {
    const answer = await search("find_goals", body);
    expect(answer).toMatchObject({ status: 200, json: [] });
  });

  it("for words finds the caller's goals alone", async () => {
    expect((await search("find_goals", { query: "two" })).json).toEqual([{ title: odd }]);
    expect((await search("find_goals", { query: "ben's" })).json).toEqual([]);
  });

  it("for more places than there are is refused (404)", async () => {
    expect(refusal(await search("find_goals", { query: "a", place: "auth.users" }))).toBe("404 PGRST202");
  });
});

describe("a selection", () => {
  it.each([
    "pg_sleep(9)",
    "now()",
    "title,version()",
    "title,(select 1)",
    'title" from auth.users --',
    "title::regclass",
    "id::regclass",
    "current_user",
    "custom->>'a'||pg_sleep(9)",
    "title->x",
    "x:pg_read_file('/etc/passwd')",
    "__proto__",
    "a.b.c",
    "*,auth.users(*)",
  ])("%s is refused (4xx) in words of its own", async (select) => {
    const answer = await read(`select=${select}`);
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toMatch(/root:|PostgreSQL \d/);
  });

  it("of columns, casts and JSON paths is answered", async () => {
    const answer = await read("select=name:title,id::text,custom->>a&title=eq.a");
    expect(answer).toMatchObject({ status: 200, json: [{ name: "a", a: null }] });
  });
});

describe("an order or a page", () => {
  it.each([
    "order=pg_sleep(9)",
    "order=title;select 1",
    "order=title.desc,(select 1)",
    "order=(case when true then title end)",
    "order=title.sideways",
    "order=1",
    "order=auth.users",
    "limit=-1",
    "limit=1;select 1",
    "limit=(select 1)",
  ])("%s is refused (4xx) or without effect, and never run", async (query) => {
    const answer = await read(`select=title&${query}`);
    if (answer.status === 200) expect((answer.json as unknown[]).length).toBe(3);
    else expect([400, 416]).toContain(answer.status);
  });

  it("of a plain kind is answered", async () => {
    const answer = await read("select=title&title=in.(a,b)&order=title.desc&limit=1&offset=1");
    expect(answer.json).toEqual([{ title: "a" }]);
  });

  it("never gives more rows than config.toml allows, whatever the limit says", async () => {
    await stack.db.query(
      "insert into public.tasks (owner_id, title) select $1, 'Task ' || n from generate_series(1, 1100) as n",
      [ada.id],
    );
    for (const query of ["limit=100000", "limit=99999999999999999999", "offset=0"]) {
      const answer = await stack.send({ path: `/rest/v1/tasks?select=id&${query}`, headers: as(stack, ada) });
      expect(answer.json).toHaveLength(1000);
    }
  });
});
