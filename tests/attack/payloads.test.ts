import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Received, refusal } from "../support/http.ts";
import { as, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** What a raw client, with no SDK that cleans before it sends, may put into the database: plain text. */
let stack: TestStack;
let ada: Person;
let goal = "";
let task = "";

beforeAll(async () => {
  stack = await openStack();
  ({ ada } = await createPeople(stack, "ada"));
  goal = await insert("goals", "Run");
  task = await insert("tasks", "Shoes");
});
afterAll(() => stack?.close());

async function insert(table: string, title: string): Promise<string> {
  const { rows } = await stack.db.query<{ id: string }>(
    `insert into public.${table} (owner_id, title) values ($1, $2) returning id`,
    [ada.id, title],
  );
  return rows[0]?.id ?? "";
}

const everything = async () =>
  (
    await stack.db.query(
      `select (select json_agg(g order by id) from public.goals g) as goals,
         (select json_agg(t order by id) from public.tasks t) as tasks,
         (select json_agg(p order by id) from public.profiles p) as profiles`,
    )
  ).rows;

function send(
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Received> {
  return stack.send({ method, path: `/rest/v1/${path}`, headers: { ...as(stack, ada), ...headers }, body });
}

/** Sends a body that must be refused, and sees to it that nothing is written. */
async function expectRefused(code: string, ...request: Parameters<typeof send>): Promise<void> {
  const before = await everything();
  expect(refusal(await send(...request))).toBe(code);
  expect(await everything()).toEqual(before);
}

const pathOf = (table: string) =>
  ({ goals: `goals?id=eq.${goal}`, tasks: `tasks?id=eq.${task}`, profiles: `profiles?id=eq.${ada.id}` })[
    table
  ] ?? "";

/** Every column of text that people may write, and a value of it that carries `text`. */
const columns: [string, string, (text: string) => unknown][] = [
  ["goals", "title", (text) => text],
  ["goals", "description", (text) => text],
  ["goals", "icon", (text) => text],
  ["goals", "colour", (text) => text],
  ["goals", "position", (text) => text],
  ["goals", "custom", (text) => ({ note: text })],
  ["goals", "custom", (text) => ({ [text]: 1 })],
  ["goals", "custom", (text) => ({ list: [{ deep: [text] }] })],
  ["tasks", "title", (text) => text],
  ["tasks", "description", (text) => text],
  ["tasks", "rrule", (text) => text],
  ["tasks", "position", (text) => text],
  ["tasks", "tags", (text) => [text]],
  ["tasks", "custom", (text) => ({ note: text })],
  ["profiles", "display_name", (text) => text],
  ["profiles", "avatar_url", (text) => `https://example.test/${text}`],
  ["profiles", "locale", (text) => text],
  ["profiles", "preferences", (text) => ({ note: text })],
];

/** Markup in each of its forms, turned direction, control characters, and an é of two characters. */
const refused = ["<b>x", "<script>", "</p>", "<!--x", "<?x", "a\u202eb", "a\u2066b", "a\u0007b", "e\u0301"];

it.each(columns)(
  "%s.%s refuses markup and trick characters from a raw client (400 23514)",
  async (table, column, carrying) => {
    const before = await everything();
    for (const text of refused) {
      const answer = await send("PATCH", pathOf(table), { [column]: carrying(text) });
      expect([text, refusal(answer)]).toEqual([text, "400 23514"]);
    }
    expect(await everything()).toEqual(before);
  },
);

describe("columns of text", () => {
  it("are all tried above: every one that ada may write, but those that list what they take", async () => {
    const { rows } = await stack.db.query<{ name: string }>(
      `select distinct c.table_name || '.' || c.column_name as name
       from information_schema.columns c
       where c.table_schema = 'public' and c.udt_name in ('text', 'jsonb', '_text', 'varchar')
         and (has_column_privilege('authenticated', 'public.' || c.table_name, c.column_name, 'insert')
           or has_column_privilege('authenticated', 'public.' || c.table_name, c.column_name, 'update'))
       order by 1`,
    );
    const tried = new Set(columns.map(([table, column]) => `${table}.${column}`));
    const elsewhere = ["profiles.time_zone", "profiles.username"];
    expect(rows.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual(elsewhere);
    await expectRefused("400 TK103", "PATCH", pathOf("profiles"), { username: "<b>x</b>" });
    await expectRefused("400 TK105", "PATCH", pathOf("profiles"), { time_zone: "<b>x</b>" });
  });

  it("take what is no markup: a < b, <3, an umlaut, an emoji, another script", async () => {
    for (const text of [
      "a < b",
      "I <3 it",
      "Größe",
      "👩‍🚀 go",
      "走る",
      "ירושלים",
      "Ünïcödé & 'quotes' \"too\"",
      "1<2>0",
    ]) {
      const body = { title: text, description: text, custom: { [text]: [text] } };
      expect(await send("PATCH", pathOf("goals"), body, { prefer: "return=representation" })).toMatchObject({
        status: 200,
        json: [body],
      });
    }
  });

  it("refuse markup by insert and by goal_create as well", async () => {
    await expectRefused("400 23514", "POST", "goals", { title: "<b>x" });
    await expectRefused("400 23514", "POST", "tasks", [{ title: "Fine" }, { title: "<b>x" }]);
    await expectRefused("400 23514", "POST", "rpc/goal_create", {
      goal: { title: "Fine" },
      tasks: [{ title: "Fine" }, { title: "<b>x" }],
    });
  });
});

describe("characters that are none", () => {
  it.each([
    ["NUL in a title", "goals", '{"title": "a\\u0000b"}', "400 22P05"],
    ["NUL in a key of JSON", "goals", '{"title": "Nul", "custom": {"a\\u0000": 1}}', "400 22P05"],
    ["NUL in a value of JSON", "goals", '{"title": "Nul", "custom": {"a": "\\u0000"}}', "400 22P05"],
    ["NUL as an argument", "rpc/goal_create", '{"goal": {"title": "a\\u0000b"}}', "400 22P05"],
    ["half a surrogate pair", "goals", '{"title": "a\\ud800b"}', "400 22P02"],
    [
      "half a surrogate pair as an argument",
      "rpc/goal_create",
      '{"goal": {"title": "a\\ud800b"}}',
      "400 22P02",
    ],
  ])("%s is refused (%4$s)", async (_, path, body, code) => {
    await expectRefused(code, "POST", path, body);
  });

  it("as broken UTF-8 are refused or stored as U+FFFD, never as they are", async () => {
    const body = Buffer.concat([
      Buffer.from('{"title": "broken '),
      Buffer.from([0xff, 0xc0, 0x80]),
      Buffer.from('"}'),
    ]);
    const answer = await send("POST", "goals?select=title", body, { prefer: "return=representation" });
    if (answer.status === 201) expect(answer.json).toEqual([{ title: "broken \ufffd\ufffd\ufffd" }]);
    else expect(answer.status).toBe(400);
  });
});

describe("JSON", () => {
  it.each(['{"title": "x"', "title=x", '"x"', "7", "null", "[[]]", "[1]", ""])(
    "%j, which is no row, is refused (400)",
    async (body) => {
      const before = await everything();
      expect((await send("POST", "goals", body, { "content-type": "application/json" })).status).toBe(400);
      expect(await everything()).toEqual(before);
    },
  );

  it("with keys of Object.prototype stores them as keys and changes nobody's prototype", async () => {
    const custom = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}';
    const made = await send("POST", "goals", `{"title": "Keys", "custom": ${custom}}`, {
      prefer: "return=representation",
    });
    expect(made.status).toBe(201);
    expect(made.text).toContain('"__proto__"');
    const { rows } = await stack.db.query("select custom from public.goals where title = 'Keys'");
    expect(JSON.stringify(rows[0].custom)).toBe(JSON.stringify(JSON.parse(custom)));
    const other = await send("GET", "goals?select=title&title=eq.Keys", undefined);
    expect(other).toMatchObject({ status: 200, text: '[{"title":"Keys"}]' });
  });

  it("may hold six levels and 16 KiB, and no more (400 23514)", async () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
    expect((await send("PATCH", pathOf("goals"), { custom: nested(6) })).status).toBe(204);
    await expectRefused("400 23514", "PATCH", pathOf("goals"), { custom: nested(8) });
    expect((await send("PATCH", pathOf("goals"), { custom: { a: "x".repeat(16_000) } })).status).toBe(204);
    await expectRefused("400 23514", "PATCH", pathOf("goals"), { custom: { a: "x".repeat(16_500) } });
    await expectRefused("400 23514", "PATCH", pathOf("goals"), { custom: [1] });
  });

  it("a hundred thousand levels deep is refused, and the next call answered", async () => {
    const deep = `{"custom": ${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    const before = await everything();
    for (const [method, path] of [
      ["PATCH", pathOf("goals")],
      ["POST", "rpc/goal_create"],
    ] as const) {
      expect((await send(method, path, deep)).status).toBeGreaterThanOrEqual(400);
    }
    expect(await everything()).toEqual(before);
    expect((await send("GET", "goals?select=id&limit=1", undefined)).status).toBe(200);
  });

  it("of eleven mebibytes is refused (413), and the same connection goes on", async () => {
    await expectRefused(
      "413 BODY_TOO_LARGE",
      "POST",
      "goals",
      `{"title": "${"x".repeat(11 * 1024 * 1024)}"}`,
    );
    expect((await send("GET", "goals?select=id&limit=1", undefined)).status).toBe(200);
  });

  it("with a title of a hundred thousand letters is refused with its head alone (400 23514)", async () => {
    const before = await everything();
    const answer = await send("POST", "goals", { title: "x".repeat(100_000) });
    expect(refusal(answer)).toBe("400 23514");
    expect(await everything()).toEqual(before);
  });

  it("of more rows than goal_create takes is refused whole (400 TK006)", async () => {
    const tasks = Array.from({ length: 501 }, (_, n) => ({ title: `Task ${n}` }));
    await expectRefused("400 TK006", "POST", "rpc/goal_create", { goal: { title: "Many" }, tasks });
    const made = await send("POST", "rpc/goal_create", {
      goal: { title: "Many" },
      tasks: tasks.slice(0, 500),
    });
    expect(made.status).toBe(200);
  });

  it.each(["application/xml", "multipart/form-data; boundary=x"])(
    "called %s is refused (4xx)",
    async (type) => {
      const before = await everything();
      const answer = await send("POST", "goals", '{"title": "Typed"}', { "content-type": type });
      expect([400, 415]).toContain(answer.status);
      expect(await everything()).toEqual(before);
    },
  );
});

describe("a very long list", () => {
  it("of 10,000 numbers is answered", async () => {
    const list = Array.from({ length: 10_000 }, (_, n) => n % 4).join(",");
    const answer = await send("GET", `goals?select=title&title=eq.Keys&priority=in.(${list})`, undefined);
    expect(answer).toMatchObject({ status: 200, json: [{ title: "Keys" }] });
  });

  it("of 10,000 ids is too long for a request line (431), and the next call is answered", async () => {
    const list = Array.from({ length: 10_000 }, () => goal).join(",");
    expect((await send("GET", `goals?select=title&id=in.(${list})`, undefined)).status).toBe(431);
    expect((await send("GET", `goals?select=id&id=in.(${goal})`, undefined)).json).toEqual([{ id: goal }]);
  });
});
