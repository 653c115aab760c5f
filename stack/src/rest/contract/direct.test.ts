import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Caller } from "../../part.ts";
import { type Catalog, readCatalog } from "../database/catalog.ts";
import { clientConfig } from "../database/client-config.ts";
import { planFor } from "../direct/index.ts";
import type { Plan } from "../direct/plan.ts";
import { readRequest } from "../direct/request.ts";
import { createEngine, type Engine } from "../engine.ts";
import type { Reply } from "../error-reply.ts";
import type { RestInput } from "../input.ts";
import { createLite, type Lite } from "../lite/index.ts";
import { searchPath } from "../settings.ts";
import { type Case, calls, object, reads, writes } from "./direct-corpus.ts";
import { type Fixture, people, startFixture } from "./fixture.ts";

/** The same requests answered directly and by lite must not differ: neither status, nor headers, nor body. */
let fixture: Fixture;
let catalog: Catalog;
let engine: Engine;
let lite: Lite;

beforeAll(async () => {
  fixture = await startFixture();
  const { databaseUrl, adminDatabaseUrl, config } = fixture.engine;
  catalog = await readCatalog(adminDatabaseUrl, config.schemas);
  engine = await createEngine(fixture.engine);
  lite = createLite({
    client: clientConfig(databaseUrl),
    adminDatabaseUrl,
    schemas: config.schemas,
    extraSearchPath: config.extra_search_path,
    maxRows: config.max_rows,
  });
});
afterAll(async () => {
  await engine?.close();
  await lite?.close();
  await fixture?.stop();
});

const ada: Caller = {
  role: "authenticated",
  claims: { sub: people.ada, role: "authenticated", session_id: "s" },
  token: "t",
};

describe.each([
  ["reads", reads],
  ["writes", writes],
  ["calls", calls],
] as const)("%s: the direct path and lite agree", (_kind, cases) => {
  it.each(cases.map((one) => [one.slice(0, 2).join(" "), JSON.stringify(one.slice(2)), one] as const))(
    "%s %s",
    async (_name, _rest, one) => {
      const input = toInput(one);
      const limited = /limit=0/.test(input.query);
      // What is not compiled would be compared with itself.
      expect(planOf(input) !== null).toBe(!limited);
      await reset();
      const byLite = await lite.answer(input, factsOf(input));
      const afterLite = await state();
      await reset();
      const cold = await engine.answer(input, {
        caller: ada,
        requestId: "r",
        ip: "",
        log: fixture.engine.log,
      });
      const afterDirect = await state();
      expect(view(cold)).toEqual(view(byLite));
      expect(afterDirect).toEqual(afterLite);
      // Once more with the statement already prepared.
      await reset();
      const warm = await engine.answer(input, {
        caller: ada,
        requestId: "r",
        ip: "",
        log: fixture.engine.log,
      });
      expect(warm).toEqual(cold);
    },
  );
});

describe("where lite differs from PostgREST, the direct path does not", () => {
  it.each([
    // Lite: an empty array is read as an object.
    ["tags=eq.{}", 200, '[{"title":"a"},{"title":"it\'s \\"quoted\\""}]'],
    // Lite as shipped: no row, the value is rounded.
    ["big=eq.9007199254740993", 200, '[{"title":"a"}]'],
    // Lite: no row, the escapes stay in the value.
    ['or=(title.eq."it\'s \\"quoted\\"",rank.is.null)', 200, '[{"title":"it\'s \\"quoted\\""}]'],
    // Lite: 200, what is no JSON contains nothing.
    ["custom=cs.{nonsense", 400, '{"code":"22P02","details":"Token \\"nonsense\\" is invalid."'],
  ])("%s", async (filter, status, text) => {
    await reset();
    const input = toInput(["GET", `/notes?select=title&order=title&${filter}`]);
    const reply = await engine.answer(input, {
      caller: ada,
      requestId: "r",
      ip: "",
      log: fixture.engine.log,
    });
    expect(reply.status).toBe(status);
    expect(view(reply).text).toContain(text);
  });
});

describe("what the direct path leaves to lite", () => {
  it.each([
    ["GET", "/notes?select=id,rooms(name)"],
    ["GET", "/notes?select=custom->>k"],
    ["GET", "/notes?select=id::text"],
    ["GET", "/notes?select=count()"],
    ["GET", "/notes?select=nope"],
    ["GET", "/notes?rooms.name=eq.x"],
    ["GET", "/notes?title=eq(any).{a}"],
    ["GET", "/notes?title=match.^a"],
    ["GET", "/notes?title=unknown.a"],
    // Words that every JavaScript object knows.
    ["GET", "/notes?done=constructor.x"],
    ["GET", "/notes?done=is.constructor"],
    ["GET", "/notes?search=constructor.x"],
    ["GET", "/notes?search=valueof(simple).x"],
    ["GET", "/notes?constructor=eq.x"],
    ["GET", "/notes?select=constructor"],
    ["GET", "/notes?order=constructor"],
    ["GET", "/constructor"],
    ["POST", "/rpc/constructor", {}, "{}"],
    ["POST", "/notes", {}, '{"constructor":1}'],
    ["POST", "/notes", {}, '{"__proto__":{"title":"a"}}'],
    ["GET", "/notes?custom->>k=eq.1"],
    ["GET", "/notes?or=(rooms.name.eq.x)"],
    ["GET", "/notes?or=(rank.eq.1,)"],
    ["GET", "/notes?or=((rank.eq.1)"],
    ["GET", "/notes?rank=in.(1"],
    ["GET", "/notes?limit=-1"],
    ["GET", "/notes?limit=1&limit=2"],
    ["GET", "/notes?order=custom->k"],
    ["GET", "/notes", { range: "0-1" }],
    ["GET", "/notes", { prefer: "count=exact" }],
    ["GET", "/notes", { accept: "text/csv" }],
    ["GET", "/notes", { "accept-profile": "hidden" }],
    ["HEAD", "/notes"],
    ["PUT", "/notes?id=eq.1", {}, '{"id":1}'],
    ["POST", "/notes", { prefer: "resolution=merge-duplicates" }, '{"title":"a"}'],
    ["POST", '/notes?columns="title","rank"', { prefer: "missing=default" }, '[{"title":"a"}]'],
    ["PATCH", "/notes?title=eq.a", { prefer: "missing=default" }, '{"rank":1}'],
    ["POST", "/notes", {}, '[{"title":"a"},{"rank":1}]'],
    ["POST", "/notes", {}, '{"title":"a"'],
    ["POST", "/notes", {}, '{"nope":"a"}'],
    ["POST", "/notes", { "content-type": "text/csv" }, "title\na"],
    ["PATCH", "/notes", {}, '{"rank":1}'],
    ["DELETE", "/notes"],
    ["DELETE", "/notes?select=id&limit=1"],
    ["POST", "/rpc/add", {}, '{"b":1}'],
    ["POST", "/rpc/add?select=*", {}, '{"a":1}'],
    ["POST", "/rpc/all_rooms?select=name,notes(title)", {}, "{}"],
    ["POST", "/rpc/all_rooms?nope=eq.1", {}, "{}"],
    ["POST", "/rpc/pairs?kind=eq.goals", {}, "{}"],
    ["GET", "/rpc/add?a=1"],
  ] as Case[])("%s %s %j", (...one) => {
    expect(planOf(toInput(one))).toBe(null);
  });
});

describe("values never become SQL", () => {
  const hostile = [
    "'; drop table notes; --",
    '" or 1=1',
    "$1",
    "\\'; select 1",
    "%00",
    "){}(",
    "null",
    "a\nb",
  ];

  it.each(hostile)("%j is bound in every place that takes a value", (value) => {
    const word = encodeURIComponent(value);
    for (const url of [
      `/notes?title=eq.${word}`,
      `/notes?title=like.${word}`,
      `/notes?search=wfts(simple).${word}`,
      `/notes?title=in.(${encodeURIComponent(JSON.stringify(value))})`,
      `/notes?or=(title.eq.${encodeURIComponent(JSON.stringify(value))},rank.eq.1)`,
    ]) {
      const plan = planOf(toInput(["GET", url]));
      if (plan)
        expect(plan.text).toBe(planOf(toInput(["GET", url.replaceAll(word, "x")]))?.text ?? plan.text);
      expect(plan?.text ?? "").not.toContain("drop");
      expect(plan?.text ?? "").not.toContain("1=1");
    }
  });

  it.each(["id;drop table notes", 'id"', "id,(select 1)", "id--", "1", "*,*;"])(
    "select=%s is not compiled",
    (select) => {
      const plan = planOf(toInput(["GET", `/notes?select=${encodeURIComponent(select)}`]));
      expect(plan?.text.includes(";") ?? false).toBe(false);
      expect(plan).toBe(null);
    },
  );

  it.each(["title;", "title.desc;drop", "title.asc.nullsfirst.x", "(select 1)"])(
    "order=%s is not compiled",
    (order) => {
      expect(planOf(toInput(["GET", `/notes?order=${encodeURIComponent(order)}`]))).toBe(null);
    },
  );

  it("requests of one shape share one text, whatever their values", () => {
    const text = (url: string) => planOf(toInput(["GET", url]))?.text;
    const shape = "/notes?select=id&owner_id=eq.VALUE&or=(rank.gt.1,title.in.(VALUE,b))&order=id&limit=20";
    expect(text(shape.replaceAll("VALUE", "a"))).toBe(text(shape.replaceAll("VALUE", "zz")));
    expect(text(shape)).not.toBe(text(shape.replace("limit=20", "limit=21")));
    expect(text(shape)).not.toBe(text(shape.replace("rank.gt", "rank.lt")));
    expect(text(shape)).not.toBe(text(shape.replace("or=", "not.or=")));
  });
});

const json = { "content-type": "application/json" };

function toInput([method, url, headers = {}, body = ""]: Case): RestInput {
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  const type = body === "" ? {} : json;
  return { method, path, query, headers: { ...type, ...headers }, body: Buffer.from(body) };
}

function planOf(input: RestInput): Plan | null {
  const request = readRequest(input.method, input.path, input.query, input.headers, ["public"]);
  return request && planFor(request, catalog, input.body.toString(), 1000);
}

function factsOf(input: RestInput) {
  return {
    method: input.method,
    path: input.path,
    headers: input.headers,
    caller: ada,
    schema: "public",
    searchPath: searchPath("public", ["public", "extensions"]),
    readOnly: input.method === "GET",
    singular: input.headers.accept === object.accept,
    timeout: "8s",
  };
}

/** What of an answer a client can tell apart. */
function view({ status, headers, body }: Reply) {
  const text = body.toString().replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
  const { "content-range": range, "preference-applied": applied } = headers;
  return { status, range, applied, type: text === "" ? null : headers["content-type"], text };
}

async function reset(): Promise<void> {
  await fixture.admin.query("delete from public.notes");
  await fixture.admin.query(
    `insert into public.notes (id, owner_id, title, mood, rank, big, price, tags, custom, seen_at, done, room_id)
     select ('00000000-0000-4000-8000-0000000000a' || n)::uuid, $1, title, mood::public.mood, n, 9007199254740992 + n,
       n + 0.5, tags, custom, '2026-01-01'::timestamptz + n * interval '60 days', n = 2, 1
     from (values
       (1, 'a', null, '{}'::text[], '{"k":1}'::jsonb),
       (2, 'b', 'calm', '{x}', '{"k":1,"deep":{"list":[1,2]}}'),
       (3, 'c', 'keen', '{x,y}', '{}'),
       (4, 'c,d', 'calm', '{z}', '{}'),
       (5, 'it''s "quoted"', null, '{}', '{}')) as v (n, title, mood, tags, custom)`,
    [people.ada],
  );
}

const state = async () =>
  (await fixture.admin.query("select title, rank, mood, big, price, custom from public.notes order by title"))
    .rows;
