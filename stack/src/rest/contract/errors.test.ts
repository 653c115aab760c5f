import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture?.stop());

const fail = (who: "ada" | "anon", state: string, query: string, more: Record<string, string> = {}) =>
  fixture.as(who)(`/rest/v1/rpc/fail${query}`, {
    method: "POST",
    body: JSON.stringify({ state, message: "no", ...more }),
  });

describe.each([
  ["directly", ""],
  ["by lite", "?select=*"],
])("SQLSTATE to status, %s", (_path, query) => {
  it.each([
    ["TK301", 400],
    ["P0001", 400],
    ["P0002", 500],
    ["22023", 400],
    ["23502", 400],
    ["23503", 409],
    ["23505", 409],
    ["23514", 400],
    ["25006", 405],
    ["28000", 403],
    ["40001", 500],
    ["42883", 404],
    ["42P01", 404],
    ["42P17", 500],
    ["53300", 503],
    ["53400", 500],
    ["54000", 500],
    ["PT402", 402],
    ["PT999", 500],
  ])("%s is %i", async (state, status) => {
    const answer = await fail("ada", state, query, { detail: '{"field":"title"}', hint: "try" });
    expect(answer.status).toBe(status);
    expect(answer.text).toBe(
      JSON.stringify({ code: state, details: '{"field":"title"}', hint: "try", message: "no" }),
    );
  });

  it("42501 is 401 for anon and 403 for a signed-in user", async () => {
    const anon = await fail("anon", "42501", query);
    expect([anon.status, anon.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect((await fail("ada", "42501", query)).status).toBe(403);
  });

  it("a raised PGRST writes the whole answer", async () => {
    const message = JSON.stringify({ code: "123", message: "pay", details: "d", hint: "h" });
    const detail = JSON.stringify({ status: 402, headers: { "X-Price": "5" } });
    const answer = await fail("ada", "PGRST", query, { message, detail });
    expect([answer.status, answer.headers.get("x-price")]).toEqual([402, "5"]);
    expect(answer.text).toBe('{"code":"123","details":"d","hint":"h","message":"pay"}');
  });
});

describe("errors of ordinary statements", () => {
  const send = (method: string, target: string, body?: string, headers: Record<string, string> = {}) =>
    fixture.as("ada")(`/rest/v1/${target}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const codeOf = (answer: { json: unknown }) => (answer.json as { code: string }).code;

  it("ada's second note of one title is 409, and the first is unharmed", async () => {
    expect((await send("POST", "notes", '{"title":"once"}')).status).toBe(201);
    const again = await send("POST", "notes", '{"title":"once"}');
    expect([again.status, codeOf(again)]).toEqual([409, "23505"]);
    expect((await send("GET", "notes?select=title&title=eq.once")).json).toEqual([{ title: "once" }]);
  });

  it.each([
    ["a domain that says no", '{"title":"two\\nlines"}', 400, "23514"],
    ["a word that is not in the enum", '{"title":"t","mood":"angry"}', 400, "22P02"],
    ["a room that does not exist", '{"title":"t","room_id":77}', 409, "23503"],
    ["a missing title", '{"rank":1}', 400, "23502"],
    [
      "somebody else's owner_id",
      '{"title":"t","owner_id":"00000000-0000-4000-8000-00000000000b"}',
      403,
      "42501",
    ],
    ["a generated column", '{"title":"t","search":"x"}', 400, "428C9"],
  ])("%s is refused with its code, and nothing is written", async (_why, body, status, code) => {
    const answer = await send("POST", "notes", body);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect((await send("GET", "notes?select=title&title=eq.t")).json).toEqual([]);
  });

  it("anon is refused a table without a grant with 401", async () => {
    const answer = await fixture.as("anon")("/rest/v1/notes?select=id");
    expect([answer.status, codeOf(answer)]).toEqual([401, "42501"]);
  });

  it("an unknown column is 400, an unknown table and an unknown function are 404", async () => {
    const column = await send("GET", "notes?select=nope");
    const table = await send("GET", "nope?select=id");
    const routine = await send("POST", "rpc/nope", "{}");
    expect([column.status, codeOf(column)]).toEqual([400, "42703"]);
    expect([table.status, codeOf(table)]).toEqual([404, "PGRST205"]);
    expect([routine.status, codeOf(routine)]).toEqual([404, "PGRST202"]);
  });

  it.each(['{"title":', "[1]", '"text"', ""])("a body that is no row, %j, is 400", async (body) => {
    expect((await send("POST", "notes", body, { "content-type": "application/json" })).status).toBe(400);
  });

  it("no answer about an error is written to the log with the caller's values", async () => {
    await send("POST", "notes", '{"title":"t","mood":"very-private-word"}');
    expect(fixture.log.join("")).not.toContain("very-private-word");
    expect(fixture.log.join("")).toContain('"path":"/rest/v1/notes","status":400');
  });
});

describe("one object wanted", () => {
  const object = { accept: "application/vnd.pgrst.object+json" };
  const give = { ...object, prefer: "return=representation" };

  it("none found is 406 PGRST116 with the number", async () => {
    const answer = await fixture.as("ada")("/rest/v1/notes?title=eq.none", { headers: object });
    expect(answer.status).toBe(406);
    expect(answer.json).toMatchObject({ code: "PGRST116", details: "The result contains 0 rows" });
  });

  it.each([
    ["directly", ""],
    ["by lite", ",rooms(name)"],
  ])("an update that would change two rows changes none, %s", async (_path, embed) => {
    const rows = '[{"title":"one","rank":5},{"title":"two","rank":5}]';
    await fixture.as("ada")("/rest/v1/notes?on_conflict=title", {
      method: "POST",
      body: rows,
      headers: { prefer: "resolution=ignore-duplicates" },
    });
    const answer = await fixture.as("ada")(`/rest/v1/notes?rank=eq.5&select=id${embed}`, {
      method: "PATCH",
      headers: give,
      body: '{"rank":6}',
    });
    expect(answer.status).toBe(406);
    expect(answer.json).toMatchObject({ code: "PGRST116", details: "The result contains 2 rows" });
    const kept = await fixture.as("ada")("/rest/v1/notes?rank=eq.5&select=title&order=title");
    expect(kept.json).toEqual([{ title: "one" }, { title: "two" }]);
  });

  it("an update of one row answers it", async () => {
    const answer = await fixture.as("ada")("/rest/v1/notes?title=eq.one&select=title,rank", {
      method: "PATCH",
      headers: give,
      body: '{"rank":9}',
    });
    expect([answer.status, answer.json]).toEqual([200, { title: "one", rank: 9 }]);
  });
});
