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

const object = { accept: "application/vnd.pgrst.object+json" };
const give = { prefer: "return=representation" };
const ignore = { prefer: "resolution=ignore-duplicates,return=representation" };
const json = { "content-type": "application/json" };

type Case = [method: string, url: string, headers?: Record<string, string>, body?: string];

const filters = [
  "title=eq.a",
  "title=neq.a",
  "rank=gt.2",
  "rank=gte.2",
  "rank=lt.2",
  "rank=lte.2",
  "rank=not.eq.2",
  "title=like.*b*",
  "title=ilike.*B*",
  "title=not.ilike.B*",
  "mood=is.null",
  "mood=not.is.null",
  "done=is.true",
  "mood=eq.calm",
  "rank=in.(1,3)",
  "title=in.(a,%22b%22,%22c,d%22)",
  "rank=in.()",
  "rank=not.in.(1,3)",
  "tags=cs.{x}",
  "tags=cd.{x,y,z}",
  "tags=ov.{y,q}",
  'custom=cs.{"k":1}',
  'custom=cs.{"deep":{"list":[2]}}',
  "search=fts(simple).b",
  "search=wfts(simple).b or a",
  "search=plfts(simple).b",
  "search=phfts(simple).b",
  "price=gt.0.00000001",
  "seen_at=gte.2026-01-01T00:00:00Z",
  "or=(rank.eq.1,title.eq.c)",
  "or=(rank.eq.1,and(title.eq.c,rank.gt.2))",
  "or=(rank.not.eq.1,not.and(title.eq.c,rank.gt.2))",
  "not.or=(rank.eq.1,rank.eq.2)",
  "and=(rank.gte.1,or(title.ilike.*b*,tags.cs.{x}))",
  'or=(title.eq."c,d",title.in.(a,b))',
  "rank=gte.1&rank=lte.2",
  "seen_at=lte.2026-06-01T00:00:00%2B02:00&or=(seen_at.lt.2026-06-01,and(seen_at.eq.2026-06-01,title.gt.a))",
];

const reads: Case[] = [
  ["GET", "/notes?select=*&order=title"],
  ["GET", "/notes?select=id,title&order=rank.desc,title"],
  // Names that the statements themselves might use.
  ["GET", "/notes?select=t:title,r:rank,w:done&order=title"],
  ["GET", "/notes?select=name:title,rank&order=rank.desc.nullslast&limit=2"],
  ["GET", "/notes?select=title&order=mood.asc.nullsfirst,title.desc&limit=2&offset=1"],
  ["GET", "/notes?select=title&limit=0"],
  ["GET", "/notes?select=title&offset=99"],
  ["GET", "/notes?order=title"],
  ["GET", "/calm_notes?select=*&order=title"],
  ["GET", "/notes?select=title&title=eq.a", object],
  ["GET", "/notes?select=title&title=eq.zzz", object],
  ["GET", "/notes?select=title&rank=gt.0", object],
  ["GET", "/notes?select=title&order=title", { "accept-profile": "public" }],
  ...filters.map((filter): Case => ["GET", `/notes?select=title,rank&order=title&${filter}`]),
  // Refusals of Postgres.
  ["GET", "/notes?select=id&id=eq.not-a-uuid"],
  ["GET", "/notes?select=id&rank=eq.abc"],
  ["GET", "/notes?select=id&mood=eq.angry"],
  ["GET", "/notes?select=id&seen_at=gt.yesterdayish"],
  ["GET", "/notes?select=id&search=fts(klingon).a"],
];

const writes: Case[] = [
  ["POST", "/notes", {}, '{"title":"n"}'],
  ["POST", "/notes?select=title,rank", give, '{"title":"n","rank":7}'],
  ["POST", "/notes?select=title", { ...give, ...object }, '{"title":"n"}'],
  ["POST", "/notes?select=w:title,t:rank", give, '{"title":"n","rank":7}'],
  [
    "POST",
    '/notes?columns="title","rank"&select=title,rank',
    give,
    '[{"title":"n","rank":1},{"title":"o","rank":2}]',
  ],
  ["POST", "/notes?on_conflict=title&select=title", ignore, '[{"title":"a"},{"title":"n"}]'],
  ["POST", "/notes?on_conflict=title&select=title", { ...ignore, ...object }, '{"title":"a"}'],
  ["POST", "/notes?select=title", ignore, '{"id":"00000000-0000-4000-8000-0000000000a1","title":"n"}'],
  ["POST", "/notes?select=title", give, '{"title":"a"}'],
  [
    "POST",
    "/notes?select=big,price,custom",
    give,
    '{"title":"n","big":9007199254740993,"price":1.50,"custom":{"n":1.10}}',
  ],
  [
    "POST",
    "/notes?select=tags,raw,span,took",
    give,
    '{"title":"n","tags":["x","y z"],"raw":"\\\\x00ff","span":"[1,3)","took":"1 day"}',
  ],
  ["POST", "/notes", {}, '{"title":"n","owner_id":"00000000-0000-4000-8000-00000000000b"}'],
  ["POST", "/notes", {}, '{"title":"n","room_id":99}'],
  ["POST", "/notes", {}, '{"rank":1}'],
  [
    "POST",
    '/notes?on_conflict=id&columns="title","rank"&select=title,rank',
    { prefer: "resolution=ignore-duplicates,missing=default,return=representation" },
    '[{"title":"n","rank":1},{"rank":null,"title":"o"}]',
  ],
  [
    "POST",
    "/notes?select=title,rank",
    { prefer: "missing=default,return=representation" },
    '[{"title":"n","rank":1}]',
  ],
  ["PATCH", "/notes?title=eq.a", {}, '{"rank":50}'],
  ["PATCH", "/notes?title=eq.zzz", {}, '{"rank":50}'],
  ["PATCH", "/notes?title=eq.a&select=title,rank", give, '{"rank":50}'],
  ["PATCH", "/notes?title=eq.a&select=*", give, '{"rank":50}'],
  ["PATCH", "/notes?title=eq.zzz&select=title", give, '{"rank":50}'],
  ["PATCH", "/notes?rank=eq.1&select=title,rank", { ...give, ...object }, '{"rank":50,"mood":null}'],
  ["PATCH", "/notes?rank=gte.1&select=title", { ...give, ...object }, '{"mood":"keen"}'],
  ["PATCH", "/notes?title=eq.a", {}, '{"title":"b"}'],
  ["PATCH", "/notes?title=eq.a", {}, '{"rank":"many"}'],
  ["DELETE", "/notes?title=eq.a"],
  ["DELETE", "/notes?title=eq.a&select=title", give],
  ["DELETE", "/notes?title=eq.zzz&select=title", give],
  ["DELETE", "/notes?title=eq.a&select=title", { ...give, ...object }],
  ["DELETE", "/notes?rank=gte.1&select=title", { ...give, ...object }],
];

const calls: Case[] = [
  ["POST", "/rpc/whoami", {}, "{}"],
  ["POST", "/rpc/add", {}, '{"a":1}'],
  ["POST", "/rpc/add", {}, '{"b":2,"a":1}'],
  ["POST", "/rpc/add", {}, '{"a":"x"}'],
  ["POST", "/rpc/numbers", {}, '{"n":3}'],
  ["POST", "/rpc/numbers", {}, '{"n":0}'],
  ["POST", "/rpc/first_room", {}, "{}"],
  ["POST", "/rpc/all_rooms", {}, "{}"],
  ["POST", "/rpc/pairs", {}, "{}"],
  ["POST", "/rpc/all_rooms?select=name&id=eq.2", {}, "{}"],
  ["POST", "/rpc/all_rooms?order=name.desc&limit=1", {}, "{}"],
  ["POST", "/rpc/all_rooms?order=name&offset=1", {}, "{}"],
  ["POST", "/rpc/all_rooms?or=(id.eq.1,name.like.a*)&id=gt.1", {}, "{}"],
  ["POST", "/rpc/all_rooms?id=eq.77", {}, "{}"],
  ["POST", "/rpc/all_rooms?id=eq.x", {}, "{}"],
  ["POST", "/rpc/numbers", {}, '{"n":1200}'],
  ["POST", "/rpc/many_rooms", {}, "{}"],
  ["POST", "/rpc/same_names", {}, '{"r":5,"a":3}'],
  ["POST", "/rpc/rows_of_names?id=gte.1&order=id.desc", {}, '{"r":1,"id":5}'],
  ["POST", "/rpc/nothing", {}, "{}"],
  ["POST", "/rpc/shaped", {}, "{}"],
  ["POST", "/rpc/echo_json", {}, '{"value":[1,"a",null]}'],
  ["POST", "/rpc/fail", {}, '{"state":"TK123","message":"LIMIT_NOTES: no","detail":"{}"}'],
];

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
    // Lite: 500, the array reaches the driver as an object.
    ["tags=eq.{}", 200, '[{"title":"a"},{"title":"it\'s \\"quoted\\""}]'],
    // Lite: no row, the value was rounded.
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
