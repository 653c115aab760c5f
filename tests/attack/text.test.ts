import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../support/http.ts";
import { createPeople, type Person } from "../support/people.ts";
import { type RawClient, rawClient } from "../support/raw.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** What a raw client, with no SDK that cleans before it sends, may put into the database: plain text. */
let stack: TestStack;
let ada: Person;
let raw: RawClient;
let goal = "";
let task = "";

beforeAll(async () => {
  stack = await openStack();
  ({ ada } = await createPeople(stack, "ada"));
  raw = rawClient(stack, ada);
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
    const before = await raw.everything();
    for (const text of refused) {
      const answer = await raw.send("PATCH", pathOf(table), { [column]: carrying(text) });
      expect([text, refusal(answer)]).toEqual([text, "400 23514"]);
    }
    expect(await raw.everything()).toEqual(before);
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
    await raw.expectRefused("400 TK103", "PATCH", pathOf("profiles"), { username: "<b>x</b>" });
    await raw.expectRefused("400 TK105", "PATCH", pathOf("profiles"), { time_zone: "<b>x</b>" });
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
      expect(
        await raw.send("PATCH", pathOf("goals"), body, { prefer: "return=representation" }),
      ).toMatchObject({
        status: 200,
        json: [body],
      });
    }
  });

  it("refuse markup by insert and by goal_create as well", async () => {
    await raw.expectRefused("400 23514", "POST", "goals", { title: "<b>x" });
    await raw.expectRefused("400 23514", "POST", "tasks", [{ title: "Fine" }, { title: "<b>x" }]);
    await raw.expectRefused("400 23514", "POST", "rpc/goal_create", {
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
    await raw.expectRefused(code, "POST", path, body);
  });

  it("as broken UTF-8 are refused or stored as U+FFFD, never as they are", async () => {
    const body = Buffer.concat([
      Buffer.from('{"title": "broken '),
      Buffer.from([0xff, 0xc0, 0x80]),
      Buffer.from('"}'),
    ]);
    const answer = await raw.send("POST", "goals?select=title", body, { prefer: "return=representation" });
    if (answer.status === 201) expect(answer.json).toEqual([{ title: "broken \ufffd\ufffd\ufffd" }]);
    else expect(answer.status).toBe(400);
  });
});
