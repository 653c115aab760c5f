import { postgresChangesFilter } from "@supabase/supabase-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FilterError, operators, parseFilters } from "./filter.ts";
import { idOf, readChangeParams } from "./params.ts";

const column = fc.constantFrom("id", "body", "done_at");
const scalar = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.integer());
const plain = operators.filter((one) => one !== "in" && one !== "is");

describe("parseFilters", () => {
  it("reads what supabase-js' builder writes, whatever stands in the values", () => {
    const condition = fc.record({
      column,
      operator: fc.constantFrom(...plain),
      value: scalar,
      negate: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), (conditions) => {
        const builder = postgresChangesFilter();
        for (const { column, operator, value, negate } of conditions) {
          if (negate) builder.not(column, operator as "eq", value);
          else if (operator === "isdistinct") builder.isDistinct(column, value);
          else builder[operator as "eq"](column, value);
        }
        expect(parseFilters(builder.build())).toEqual(
          conditions.map((one) => ({ ...one, value: String(one.value) })),
        );
      }),
    );
  });

  it("reads lists in Postgres' own notation", () => {
    expect(parseFilters('a=in.(1,2),b=not.in.("x, y","q\\"z")')).toEqual([
      { column: "a", operator: "in", negate: false, value: "{1,2}" },
      { column: "b", operator: "in", negate: true, value: '{"x, y","q\\"z"}' },
    ]);
  });

  it.each(["", "   "])("%j is none", (text) => expect(parseFilters(text)).toEqual([]));

  it.each([
    ["undefined", '["undefined"]'],
    ["a=foo.1", '["foo", "1"]'],
    ["a=eq", '["eq"]'],
    ["a=eq.1,,b=eq.2", "empty segments"],
    ["a=in.1", "wrapped by parentheses"],
  ])("%s is refused", (text, reason) => {
    expect(() => parseFilters(text)).toThrow(FilterError);
    expect(() => parseFilters(text)).toThrow(reason);
  });

  it("any text is read or refused", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          parseFilters(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
        }
      }),
    );
  });
});

describe("readChangeParams", () => {
  it.each([
    [{ schema: "s" }, { event: "*", schema: "s", table: "*" }],
    [
      { table: "t", event: "insert" },
      { event: "INSERT", schema: "public", table: "t" },
    ],
    [{ schema: "s", table: "t", select: ["a", 1] }, { select: ["a"] }],
  ])("%j", (params, wanted) => expect(readChangeParams(params)).toMatchObject(wanted));

  it.each([{}, { schema: 1 }, { schema: "s", filter: "a=eq.1" }])("%j is refused", (params) => {
    expect(() => readChangeParams(params)).toThrow("Please provide at least a `schema` or `table`");
  });

  it("gives what is the same the same number, in any order of its keys", () => {
    expect(idOf({ schema: "s", table: "t" })).toBe(idOf({ table: "t", schema: "s" }));
    expect(idOf({ schema: "s", table: "t" })).not.toBe(idOf({ schema: "s", table: "u" }));
  });
});
