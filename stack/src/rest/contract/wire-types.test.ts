import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  const { status } = await fixture.as("ada")("/rest/v1/notes", { method: "POST", body: note });
  expect(status).toBe(201);
});
afterAll(() => fixture?.stop());

/** Written out by hand: `JSON.stringify` would already have rounded the numbers. */
const note = `{"title":"exact","room_id":1,"mood":"keen","rank":3,"big":9007199254740993,
  "price":12345678901.12345678,"ratio":0.1,"raw":"\\\\xdeadbeef","tags":["a","b,\\"c\\""],
  "custom":{"n":12345678901234567890,"list":[1.50,null],"text":"é\\u2028"},"doc":{"b":1,"a":2},
  "on_day":"2026-11-20","at_time":"03:36:12.1","local_at":"2026-11-20T03:36:12.1",
  "seen_at":"2026-11-20T05:36:12.1+02:00","took":"1 day 02:00:00","span":"[1,5)","done":true}`;

/** What Postgres itself makes of each value within JSON: column, and its text in the answer. */
const expected: Record<string, string> = {
  big: "9007199254740993",
  price: "12345678901.12345678",
  ratio: "0.1",
  raw: '"\\\\xdeadbeef"',
  tags: '["a","b,\\"c\\""]',
  // jsonb keeps keys by length, then by letter.
  custom: '{"n":12345678901234567890,"list":[1.50,null],"text":"é\u2028"}',
  doc: '{"b":1,"a":2}',
  mood: '"keen"',
  on_day: '"2026-11-20"',
  at_time: '"03:36:12.1"',
  local_at: '"2026-11-20T03:36:12.1"',
  seen_at: '"2026-11-20T03:36:12.1+00:00"',
  took: '"1 day 02:00:00"',
  span: '"[1,5)"',
  done: "true",
};

/** JSON text without the spaces that Postgres puts into jsonb. */
const compact = (text: string) => text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");

describe.each([
  ["directly", ""],
  // An embed is beyond the direct path, and so lite writes the same row.
  ["by lite", ",rooms(name)"],
])("ada reads every type exactly, %s", (_path, embed) => {
  it.each(Object.entries(expected))("%s is %s", async (column, text) => {
    const answer = await fixture.as("ada")(`/rest/v1/notes?select=${column}${embed}&title=eq.exact`);
    expect(answer.status).toBe(200);
    const embedded = embed === "" ? "" : ',"rooms":{"name":"kitchen"}';
    expect(compact(answer.text)).toBe(`[{"${column}":${text}${embedded}}]`);
  });
});

describe("numbers written by lite", () => {
  it("ada's merging upsert keeps every digit", async () => {
    const answer = await fixture.as("ada")("/rest/v1/notes?on_conflict=title&select=big,price,custom", {
      method: "POST",
      headers: { prefer: "resolution=merge-duplicates,return=representation" },
      body: '[{"title":"merged","big":-9007199254740995,"price":0.10000000,"custom":{"n":1e400}}]',
    });
    expect(compact(answer.text)).toContain('"big":-9007199254740995,"price":0.10000000');
  });

  it("ada gets CSV with every digit", async () => {
    const headers = { accept: "text/csv" };
    const answer = await fixture.as("ada")("/rest/v1/notes?select=big,price&title=eq.exact", { headers });
    expect(answer.text).toBe("big,price\n9007199254740993,12345678901.12345678");
  });
});

describe("json arguments of functions", () => {
  it.each([
    ["an object", '{"value":{"a":[1,2.50]}}', '{"a":[1,2.50]}'],
    ["a string", '{"value":"plain \\"quoted\\""}', '"plain \\"quoted\\""'],
    ["a string that looks like JSON", '{"value":"{\\"a\\":1}"}', '"{\\"a\\":1}"'],
    ["a number beyond doubles", '{"value":12345678901234567890}', "12345678901234567890"],
    ["null", '{"value":null}', "null"],
  ])("ada passes %s and gets it back", async (_name, body, text) => {
    const answer = await fixture.as("ada")("/rest/v1/rpc/echo_json", { method: "POST", body });
    expect(answer.status).toBe(200);
    expect(compact(answer.text)).toBe(text);
  });

  it("ada passes an object to a function by lite", async () => {
    const answer = await fixture.as("ada")("/rest/v1/rpc/echo_json?select=*", {
      method: "POST",
      body: '{"value":{"a":12345678901234567890}}',
    });
    expect(compact(answer.text)).toBe('{"a":12345678901234567890}');
  });
});
