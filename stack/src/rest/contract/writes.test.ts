import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
beforeEach(async () => {
  await fixture.admin.query("delete from public.notes");
  await insert('[{"title":"a","rank":1},{"title":"b","rank":2},{"title":"c","rank":3}]');
});
afterAll(() => fixture?.stop());

const insert = (body: string, query = "", prefer = "return=minimal") =>
  fixture.as("ada")(`/rest/v1/notes${query}`, { method: "POST", headers: { prefer }, body });
const titles = async () => {
  const { json } = await fixture.as("ada")("/rest/v1/notes?select=title,rank&order=title");
  return (json as { title: string; rank: number }[]).map(({ title, rank }) => `${title}${rank}`).join(" ");
};

describe("unfiltered writes (pg-safeupdate)", () => {
  it.each([
    ["DELETE", "/rest/v1/notes", "DELETE requires a WHERE clause"],
    ["DELETE", "/rest/v1/notes?select=id", "DELETE requires a WHERE clause"],
    ["DELETE", "/rest/v1/notes?limit=1", "DELETE requires a WHERE clause"],
    ["PATCH", "/rest/v1/notes", "UPDATE requires a WHERE clause"],
    ["PATCH", "/rest/v1/notes?order=id&limit=1", "UPDATE requires a WHERE clause"],
  ])("%s %s is refused and changes nothing", async (method, target, message) => {
    for (const who of ["ada", "service"] as const) {
      const answer = await fixture.as(who)(target, { method, body: '{"rank":9}' });
      expect([answer.status, answer.json]).toEqual([
        400,
        { code: "21000", details: null, hint: null, message },
      ]);
    }
    expect(await titles()).toBe("a1 b2 c3");
  });

  it("with a filter they do what they say", async () => {
    expect((await fixture.as("ada")("/rest/v1/notes?rank=gte.3", { method: "DELETE" })).status).toBe(204);
    const patch = { method: "PATCH", body: '{"rank":9}' };
    expect((await fixture.as("ada")("/rest/v1/notes?title=eq.b", patch)).status).toBe(204);
    expect(await titles()).toBe("a1 b9");
  });
});

describe("Prefer", () => {
  it("return=minimal answers no body, representation the rows", async () => {
    const minimal = await insert('{"title":"d"}');
    expect([minimal.status, minimal.text]).toEqual([201, ""]);
    const rows = await insert('{"title":"e","rank":5}', "?select=title,rank", "return=representation");
    expect([rows.status, rows.json]).toEqual([201, [{ title: "e", rank: 5 }]]);
    expect(rows.headers.get("preference-applied")).toBe("return=representation");
  });

  it("return=headers-only tells the place of the new row", async () => {
    const answer = await insert(
      '{"id":"00000000-0000-4000-8000-000000000001","title":"d"}',
      "",
      "return=headers-only",
    );
    expect(answer.headers.get("location")).toContain("/notes?id=eq.00000000-0000-4000-8000-000000000001");
  });

  it("resolution=ignore-duplicates keeps the stored row and says how many were written", async () => {
    const prefer = "resolution=ignore-duplicates,return=representation";
    const answer = await insert(
      '[{"title":"a","rank":7},{"title":"d","rank":8}]',
      "?on_conflict=title&select=title",
      prefer,
    );
    expect([answer.status, answer.json]).toEqual([201, [{ title: "d" }]]);
    expect(await titles()).toBe("a1 b2 c3 d8");
  });

  it("resolution=merge-duplicates overwrites", async () => {
    await insert('[{"title":"a","rank":7}]', "?on_conflict=title", "resolution=merge-duplicates");
    expect(await titles()).toBe("a7 b2 c3");
  });

  it("missing=default gives the column's default to rows without a value, otherwise null", async () => {
    const rows = '[{"title":"d","rank":4},{"title":"e"}]';
    const strict = await insert(rows, '?columns="title","rank"');
    expect(strict.status).toBe(400);
    expect((await insert(rows, '?columns="title","rank"', "missing=default")).status).toBe(201);
    expect(await titles()).toBe("a1 b2 c3 d4 e0");
  });

  it("handling=strict refuses what it does not know", async () => {
    const answer = await insert('{"title":"d"}', "", "handling=strict,flavour=vanilla");
    expect([answer.status, (answer.json as { code: string }).code]).toEqual([400, "PGRST122"]);
    expect((await insert('{"title":"d"}', "", "flavour=vanilla")).status).toBe(201);
  });

  it.each(["tx=rollback", "tx=rollback,return=representation"])(
    "%s does not undo what was asked",
    async (prefer) => {
      expect((await insert('{"title":"d"}', "", prefer)).status).toBe(201);
      expect(await titles()).toBe("a1 b2 c3 d0");
    },
  );

  it("count=exact counts", async () => {
    const headers = { prefer: "count=exact" };
    const answer = await fixture.as("ada")("/rest/v1/notes?select=title&limit=1", { headers });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([206, "0-0/3"]);
  });
});

describe("rows that do not fit together", () => {
  it.each([
    ["different keys", '[{"title":"d"},{"rank":1}]'],
    ["a list within a list", '[[{"title":"d"}]]'],
    ["null", "null"],
  ])("%s are refused whole", async (_what, body) => {
    expect((await insert(body)).status).toBe(400);
    expect(await titles()).toBe("a1 b2 c3");
  });

  it("one bad row of many writes none", async () => {
    expect((await insert('[{"title":"d"},{"title":"a"}]')).status).toBe(409);
    expect(await titles()).toBe("a1 b2 c3");
  });

  it("unknown columns are named", async () => {
    const answer = await insert('{"title":"d","nope":1}');
    expect([answer.status, (answer.json as { code: string }).code]).toEqual([400, "PGRST204"]);
  });
});

describe("ranges", () => {
  const get = (target: string, headers: Record<string, string> = {}) =>
    fixture.as("ada")(`/rest/v1/notes${target}`, { headers });
  const range = (answer: Answer) => answer.headers.get("content-range");

  it("limit and offset page through", async () => {
    const answer = await get("?select=title&order=title&limit=1&offset=1");
    expect([answer.status, range(answer), answer.json]).toEqual([200, "1-1/*", [{ title: "b" }]]);
  });

  it("a Range header does the same", async () => {
    const answer = await get("?select=title&order=title", { range: "1-2", "range-unit": "items" });
    expect([answer.status, range(answer), answer.json]).toEqual([
      200,
      "1-2/*",
      [{ title: "b" }, { title: "c" }],
    ]);
  });

  it("an offset past the counted end is 416", async () => {
    const answer = await get("?select=title&offset=10", { prefer: "count=exact" });
    expect([answer.status, (answer.json as { code: string }).code]).toEqual([416, "PGRST103"]);
  });

  it("HEAD counts without a body", async () => {
    const answer = await fixture.as("ada")("/rest/v1/notes?select=title", {
      method: "HEAD",
      headers: { prefer: "count=exact" },
    });
    expect([answer.status, range(answer), answer.text]).toEqual([200, "0-2/3", ""]);
  });

  it("max_rows cuts what asks for more", async () => {
    const many = Array.from({ length: 1200 }, (_, place) => ({ title: `n${place}` }));
    expect((await insert(JSON.stringify(many))).status).toBe(201);
    for (const query of ["?select=title", "?select=title&limit=5000", "?select=title,rooms(name)"]) {
      expect([query, (await get(query)).json]).toEqual([query, expect.objectContaining({ length: 1000 })]);
    }
  });
});
