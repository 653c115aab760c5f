/** No column of the API can hold text that a browser could read as markup, whichever door it comes through. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sanitizeJson, sanitizeLine, sanitizeText } from "../../sdk/src/sanitize/index.ts";
import { type Database, openDatabase } from "../sql/support/database.ts";
import { harmless, inert, naughty, payloads } from "../support/corpus.ts";

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database.close());

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const everything = [...payloads, ...inert]
  .map(({ text }) => text)
  .concat(
    harmless.map(({ given }) => given),
    naughty,
  );

/** Raw payloads that Postgres can be asked about: it cannot hold NUL or halves of characters at all. */
const askable = payloads.map(({ text }) => text).filter((text) => !/\0|\p{Surrogate}/u.test(text));

interface Column {
  name: string;
  /** As its table's conditions call it; those of a domain say `value`. */
  column: string;
  type: string;
  /** Conditions of its domain (of `value`) and of its table that look at this column alone. */
  checks: string[];
}

/** What may hold text. A type that is not named here cannot, or is a closed set of words. */
const columns = `
  with recursive based as (
    select t.oid as type, t.oid as base, array[]::oid[] as domains from pg_type t where t.typtype <> 'd'
    union all
    select t.oid, b.base, b.domains || t.oid from pg_type t join based b on b.type = t.typbasetype and t.typtype = 'd'
  )
  select format('%I.%I', c.relname, a.attname) as name, quote_ident(a.attname) as column, format_type(b.base, null) as type,
    coalesce((
      select array_agg(pg_get_expr(k.conbin, k.conrelid))
      from pg_constraint k
      where k.contype = 'c' and k.conrelid = c.oid and k.conkey = array[a.attnum]
    ), '{}') || coalesce((
      select array_agg(pg_get_expr(k.conbin, 0)) from pg_constraint k
      where k.contype = 'c' and k.contypid = any (b.domains)
    ), '{}') as checks
  from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join based b on b.type = a.atttypid
  where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'f')
    and (format_type(b.base, null) ~ '^(text|character|character varying|citext|extensions.citext|name|json|jsonb|xml|hstore)(\\[\\])*$')
  order by 1`;

async function columnsOf(schema: string): Promise<Column[]> {
  return (await database.admin.query<Column>(columns, [schema])).rows;
}

/** Ways in which a text gets into a value of a type. */
function carriers({ type }: Column): string[] {
  const object = (key: string, value: string) => `jsonb_build_object(${key}, ${value})`;
  if (/^jsonb?$/.test(type))
    return [
      object("'k'", "given"),
      object("given", "1"),
      object("'k'", `jsonb_build_array(1, ${object("'x'", "given")})`),
    ].map((value) => `${value}::${type}`);
  if (type.endsWith("[]")) return ["array[given]", "array['a', given]"].map((value) => `${value}::${type}`);
  return [`given::${type}`];
}

/** The texts that a column would take; a condition that is null refuses nothing. */
async function taken(column: Column, texts: readonly string[]): Promise<string[]> {
  const checks = column.checks.map((check) => `coalesce((${check}), true)`).join(" and ") || "true";
  const answers = carriers(column).map(
    (value) =>
      `(select ${checks} from (select ${value}) as v (${column.column}) cross join lateral (select v.${column.column}) as d (value))`,
  );
  const { rows } = await database.admin.query<{ given: string }>(
    `select given from jsonb_array_elements_text($1) as given where ${answers.join(" or ")}`,
    [JSON.stringify(texts)],
  );
  return rows.map(({ given }) => given);
}

describe("columns of public", () => {
  it("that can hold text are found, those of each kind among them", async () => {
    const names = (await columnsOf("public")).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "goals.title",
        "goals.custom",
        "tasks.tags",
        "profiles.avatar_url",
        "activities.data",
      ]),
    );
  });

  it("refuse every dangerous text, in values, keys and elements", async () => {
    const holes: string[] = [];
    for (const column of await columnsOf("public")) {
      const [first, ...more] = await taken(column, askable);
      if (first !== undefined)
        holes.push(
          `${column.name} takes ${JSON.stringify(first)} and ${more.length} others: give it a domain or a check`,
        );
    }
    expect(holes).toEqual([]);
  });

  it("would be found without their rule", async () => {
    await database.admin.query(`
      create schema careless
      create table notes (
        bare text, loose varchar(9999), document jsonb, words text[],
        short text check (char_length(short) < 99999), half jsonb check (jsonb_typeof(half) = 'object'),
        sound public.plain_text, checked jsonb check (public.json_is_plain(checked)), number integer
      )`);
    const found: string[] = [];
    for (const column of await columnsOf("careless"))
      if ((await taken(column, askable)).length > 0) found.push(column.name);
    await database.admin.query("drop schema careless cascade");
    expect(found).toEqual([
      "notes.bare",
      "notes.document",
      "notes.half",
      "notes.loose",
      "notes.short",
      "notes.words",
    ]);
  });
});

/** Which of the values an expression of `item` (jsonb) is not true for. */
async function refused(expression: string, values: readonly unknown[]): Promise<unknown[]> {
  const { rows } = await database.admin.query<{ item: unknown }>(
    `select item from jsonb_array_elements($1) as v (item) where (${expression}) is not true`,
    [JSON.stringify(values)],
  );
  return rows.map(({ item }) => item);
}

const asText = "public.is_plain_text(item #>> '{}') and (item #>> '{}')::public.plain_text is not null";
const asLine = "public.is_plain_line(item #>> '{}') and (item #>> '{}')::public.plain_line is not null";
const asJson = "public.json_is_plain(item)";

describe("what the sanitizer returns", () => {
  it("is admitted as text, as a line and as JSON, for every text of the corpus", async () => {
    const texts = everything.map((text) => sanitizeText(text).text);
    expect(await refused(asText, texts)).toEqual([]);
    expect(
      await refused(
        asLine,
        everything.map((text) => sanitizeLine(text).text),
      ),
    ).toEqual([]);
    const objects = everything.map(
      (text) => sanitizeJson({ [`k${text}`]: [text, { [`${text}k`]: 1 }] }).value,
    );
    expect(await refused(asJson, objects)).toEqual([]);
  });

  it("was refused before, for every payload", async () => {
    expect((await refused("public.is_plain_text(item #>> '{}')", askable)).length).toBe(askable.length);
    const objects = askable.flatMap((text) => [{ k: text }, { [text]: 1 }, { k: [[text]] }]);
    expect((await refused(asJson, objects)).length).toBe(objects.length);
  });

  it(`is admitted for random text (SEED=${seed})`, async () => {
    const characters = fc.oneof(
      fc.constantFrom(
        ..."<>/!?aZ \t\n\r\0\u0001\u0085\u00a0\u0301\u0338\u1161\u11a8\u2028\u202e\u2069\u212a\u3000\ufeff\ud800",
      ),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      fc.constantFrom("<script>", "</script>", "<svg/>", "<!--"),
    );
    const text = fc.array(characters, { maxLength: 15 }).map((parts) => parts.join(""));
    const property = fc.asyncProperty(fc.array(text, { minLength: 60, maxLength: 60 }), async (texts) => {
      expect(
        await refused(
          asText,
          texts.map((one) => sanitizeText(one).text),
        ),
      ).toEqual([]);
      expect(
        await refused(
          asLine,
          texts.map((one) => sanitizeLine(one).text),
        ),
      ).toEqual([]);
      const objects = texts.map(
        (one) => sanitizeJson([{ [`k${one}`]: one, deep: [[[one]]] }], { maxDepth: 6 }).value,
      );
      expect(await refused(asJson, objects)).toEqual([]);
    });
    await fc.assert(property, { seed, numRuns: 40 });
  });
});
