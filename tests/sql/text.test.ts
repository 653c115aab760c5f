/** The text rules of the database against the same rules said in TypeScript, and against what the SDK sends. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { safeParse } from "zod/mini";
import { clean } from "../../sdk/src/sanitize/clean.ts";
import { jsonObject } from "../../sdk/src/schema/json.ts";
import { plainLine, plainText } from "../../sdk/src/schema/text.ts";
import { type Database, openDatabase } from "./support/database.ts";

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database.close());

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const runs = { seed, numRuns: 60 };

// Half of the characters are those that a rule knows; the other half is any at all.
const telling = fc.constantFrom(
  ..."<>/!?aZ1 é\t\n\r\u0001\u007f\u0085\u00a0\u0301\u200b\u200f\u2028\u202e\u2066\u3000\ufeff𝒳ﬁ",
);
const anything = fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((text) => text !== "\0");
const text = fc.string({ unit: fc.oneof(telling, anything), maxLength: 12 });
const texts = fc.array(text, { minLength: 40, maxLength: 40 });

/** What the database says of each value. */
async function ask(expression: string, values: readonly unknown[]): Promise<boolean[]> {
  const { rows } = await database.admin.query<{ answer: boolean }>(
    `select ${expression} as answer from jsonb_array_elements($1) with ordinality as v (item, n) order by n`,
    [JSON.stringify(values)],
  );
  return rows.map((row) => row.answer);
}

const isPlainText = (value: string) =>
  value === value.normalize("NFC") &&
  !/<[A-Za-z/!?]/.test(value) &&
  !/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u.test(value);
const isPlainLine = (value: string) =>
  isPlainText(value) && value === value.trim() && !/[\t\n\r\u2028\u2029]/.test(value);

describe(`for random text (SEED=${seed})`, () => {
  it("is_plain_text() is what its rule says", async () => {
    const property = fc.asyncProperty(texts, async (values) => {
      expect(await ask("public.is_plain_text(item #>> '{}')", values)).toEqual(values.map(isPlainText));
    });
    await fc.assert(property, runs);
  });

  it("is_plain_line() is what its rule says", async () => {
    const property = fc.asyncProperty(texts, async (values) => {
      expect(await ask("public.is_plain_line(item #>> '{}')", values)).toEqual(values.map(isPlainLine));
    });
    await fc.assert(property, runs);
  });

  it("what clean() returns opens no tag", async () => {
    const property = fc.asyncProperty(texts, async (values) => {
      const answers = await ask("public.is_free_of_markup(item #>> '{}')", values.map(clean));
      expect(answers).toEqual(values.map(() => true));
    });
    await fc.assert(property, runs);
  });

  it("private.clean_line() makes a plain line of anything, or null", async () => {
    const sound = `coalesce(public.is_plain_line(private.clean_line(item #>> '{}', 8))
      and char_length(private.clean_line(item #>> '{}', 8)) between 1 and 8, true)`;
    const property = fc.asyncProperty(texts, async (values) => {
      expect(await ask(sound, values)).toEqual(values.map(() => true));
    });
    await fc.assert(property, runs);
  });

  it("every line and text that the SDK lets through is admitted", async () => {
    const property = fc.asyncProperty(texts, async (values) => {
      const lines = values.map((value) => safeParse(plainLine(0, 1000), value));
      const sentLines = lines.flatMap((result) => (result.success ? [result.data] : []));
      expect(await ask("public.is_plain_line(item #>> '{}')", sentLines)).toEqual(sentLines.map(() => true));
      const long = values.map((value) => safeParse(plainText(20_000), value));
      const sentTexts = long.flatMap((result) => (result.success ? [result.data] : []));
      expect(await ask("public.is_plain_text(item #>> '{}')", sentTexts)).toEqual(sentTexts.map(() => true));
    });
    await fc.assert(property, runs);
  });

  it("every JSON object that the SDK lets through is admitted", async () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 7 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie("list"),
        tie("object"),
      ),
      list: fc.array(tie("tree"), { maxLength: 3 }),
      object: fc.dictionary(text, tie("tree"), { maxKeys: 3 }),
    }));
    const objects = fc.array(fc.dictionary(text, tree, { maxKeys: 3 }), { minLength: 20, maxLength: 20 });
    const property = fc.asyncProperty(objects, async (values) => {
      const results = values.map((value) => safeParse(jsonObject, value));
      const sent = results.flatMap((result) => (result.success ? [result.data] : []));
      expect(await ask("public.json_is_plain(item)", sent)).toEqual(sent.map(() => true));
    });
    await fc.assert(property, runs);
  });

  it("tags_are_plain() admits up to 20 different plain lines of 1 to 50 characters", async () => {
    const lists = fc.array(fc.array(text, { maxLength: 4 }), { minLength: 20, maxLength: 20 });
    const property = fc.asyncProperty(lists, async (values) => {
      const answers = await ask(
        "public.tags_are_plain(array(select jsonb_array_elements_text(item)))",
        values,
      );
      const expected = values.map(
        (tags) => tags.every((tag) => isPlainLine(tag) && tag !== "") && new Set(tags).size === tags.length,
      );
      expect(answers).toEqual(expected);
    });
    await fc.assert(property, runs);
  });
});

it("bounds are counted in characters, not in bytes or halves", async () => {
  const lines = ["😀".repeat(1000), "😀".repeat(1001)];
  expect(await ask("public.is_plain_line(item #>> '{}')", lines)).toEqual([true, false]);
});
