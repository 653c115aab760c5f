import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTrackItError } from "../errors.ts";
import { type SanitizeOptions, sanitizeJson, sanitizeText } from "./index.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** The code, place and message of a refusal. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!isTrackItError(error)) throw error;
    return `${error.code} ${error.field} ${error.message}`;
  }
  return "answered";
}

const nested = (levels: number, core: unknown = "x"): unknown => {
  let value = core;
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value };
  return value;
};

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("<", "a", "/", "\0", "é", "\u0301", "~") }),
  fc.constantFrom("<script>x</script>", "a < b", "<b>", "constructor", "prototype", "__proto__"),
);
const anyJson = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "medium" },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.dictionary(text, tie("tree"), { maxKeys: 5 }),
  ),
})).tree;

/** What is left of a value when its texts are taken for equal: types, lengths, order. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value === "string") return "text";
  if (typeof value !== "object" || value === null) return value;
  return Object.values(value).map(shape);
}

const isRefused = (value: unknown) => /^USAGE_INVALID/.test(refusal(() => sanitizeJson(value)));

describe("sanitizeJson()", () => {
  it("cleans texts and keys wherever they are, and reports kinds and lengths, never the text", () => {
    const given = { "a/b~<c": ["x", { "<k>": "1<script>secret</script>2" }], n: [1, null, true] };
    expect(sanitizeJson(given)).toEqual({
      value: { "a/b~< c": ["x", { "< k>": "12" }], n: [1, null, true] },
      report: [
        { path: "/a~1b~0< c", in: "key", kinds: ["markup"], elements: [], before: 6, after: 7 },
        { path: "/a~1b~0< c/1/< k>", in: "key", kinds: ["markup"], elements: [], before: 3, after: 4 },
        {
          path: "/a~1b~0< c/1/< k>",
          in: "value",
          kinds: ["element"],
          elements: ["script"],
          before: 25,
          after: 2,
        },
      ],
      omitted: 0,
      changed: true,
    });
    expect(given).toEqual({ "a/b~<c": ["x", { "<k>": "1<script>secret</script>2" }], n: [1, null, true] });
  });

  it("names the value itself by the empty path", () => {
    expect(sanitizeJson("<b>").report).toMatchObject([{ path: "", in: "value" }]);
  });

  it(`keeps the shape of any JSON, and changes nothing the second time (SEED=${seed})`, () => {
    let cleaned = 0;
    const property = fc.property(anyJson, (given) => {
      if (isRefused(given)) return;
      cleaned++;
      const once = sanitizeJson(given);
      expect(shape(once.value)).toEqual(shape(given));
      expect(once.changed).toBe(JSON.stringify(once.value) !== JSON.stringify(given));
      const again = sanitizeJson(once.value);
      expect(again.changed).toBe(false);
      expect(again.value).toEqual(once.value);
    });
    fc.assert(property, { seed, numRuns: 1000 });
    expect(cleaned).toBeGreaterThan(500);
  });

  it(`cleans a text within JSON as it cleans it alone (SEED=${seed})`, () => {
    const property = fc.property(text, (given) => {
      expect(sanitizeJson([[given]]).value).toEqual([[sanitizeText(given).text]]);
    });
    fc.assert(property, { seed, numRuns: 500 });
  });

  it("keeps numbers, lone values and empty things as they are", () => {
    for (const value of [null, true, false, 0, -0, 1e308, "", [], {}, [[]], { a: {} }]) {
      expect(sanitizeJson(value)).toEqual({ value, report: [], omitted: 0, changed: false });
    }
  });
});

describe("keys", () => {
  it("that reach for prototypes are refused, also when only cleaning makes them so", () => {
    for (const json of [
      '{"a":[{"__proto__":{"admin":true}}]}',
      '{"__pro\\u0000to__":{"admin":true}}',
      '{"__proto__<script></script>":1}',
      '{"constructor":{"prototype":{"admin":true}}}',
      '{"constr\\u0001uctor":{"proto\\u202etype":1}}',
    ])
      expect(refusal(() => sanitizeJson(JSON.parse(json)))).toMatch(
        /^USAGE_INVALID .*reaches for a prototype/,
      );
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it("of the same words that reach nowhere are kept", () => {
    for (const json of [
      '{"constructor":"Ferrari"}',
      '{"prototype":{"constructor":1}}',
      '{"constructor":[{"prototype":1}]}',
      '{"a":"__proto__"}',
      '{"toString":1,"hasOwnProperty":2,"valueOf":null}',
    ])
      expect(JSON.stringify(sanitizeJson(JSON.parse(json)).value)).toBe(json);
  });

  it("that become one are refused: neither of them is lost", () => {
    expect(refusal(() => sanitizeJson({ a: { "<b": 1, "< b": 2 } }))).toBe(
      "USAGE_INVALID /a cannot clean /a: two of its keys are one when cleaned, want keys that differ when cleaned",
    );
    expect(refusal(() => sanitizeJson([{ "<b": 1, "<c": 2 }]))).toBe("answered");
  });
});

describe("bounds", () => {
  it("of depth hold at the last level, from 64 to a million", () => {
    expect(refusal(() => sanitizeJson(nested(64)))).toBe("answered");
    expect(refusal(() => sanitizeJson(nested(65)))).toMatch(/^USAGE_DEPTH .*at most 64 levels$/);
    expect(refusal(() => sanitizeJson(nested(7), { maxDepth: 6 }))).toMatch(/^USAGE_DEPTH/);
    expect(refusal(() => sanitizeJson(JSON.parse(`${"[".repeat(1e6)}${"]".repeat(1e6)}`)))).toMatch(
      /^USAGE_DEPTH/,
    );
  });

  it("may be so wide that only memory ends it: 200,000 levels are cleaned without overflow", () => {
    const { value, report, omitted } = sanitizeJson(nested(200_000, "<b>"), {
      maxDepth: 1e6,
      maxBytes: 1e9,
    });
    let core: unknown = value;
    while (typeof core === "object" && core !== null) core = Object.values(core)[0];
    expect(core).toBe("< b>");
    // Its path is too long to tell.
    expect({ report, omitted }).toEqual({ report: [], omitted: 1 });
  });

  it("of bytes are those of its JSON", () => {
    const values = [
      "é😀<",
      ["ab", 1.5, null, { k: false, ключ: [] }],
      {},
      [[], []],
      { a: 1, b: { c: "\u2028" } },
    ];
    for (const value of values) {
      const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
      expect(refusal(() => sanitizeJson(value, { maxBytes: bytes }))).toBe("answered");
      expect(refusal(() => sanitizeJson(value, { maxBytes: bytes - 1 }))).toMatch(/^LIMIT_SIZE/);
    }
    expect(refusal(() => sanitizeJson("x".repeat(50_000_000)))).toMatch(
      /^LIMIT_SIZE .*at most 1048576 bytes$/,
    );
  });

  it("of values hold for what is shared and for what is sparse", () => {
    let bomb: unknown = "x";
    for (let level = 0; level < 40; level++) bomb = [bomb, bomb];
    expect(refusal(() => sanitizeJson(bomb))).toMatch(/^LIMIT_SIZE/);
    expect(refusal(() => sanitizeJson(new Array(4e9)))).toMatch(/^LIMIT_SIZE .*4000000001 values/);
    expect(refusal(() => sanitizeJson([1, 2, 3], { maxItems: 4 }))).toBe("answered");
    expect(refusal(() => sanitizeJson([1, 2, 3], { maxItems: 3 }))).toMatch(/^LIMIT_SIZE/);
  });

  it("that are none are the usual ones, and NaN admits nothing", () => {
    const none = {
      maxDepth: undefined,
      maxBytes: undefined,
      maxItems: undefined,
    } as unknown as SanitizeOptions;
    expect(refusal(() => sanitizeJson(["a"], none))).toBe("answered");
    expect(refusal(() => sanitizeJson("x".repeat(2e6), none))).toMatch(/^LIMIT_SIZE/);
    for (const bound of ["maxDepth", "maxBytes", "maxItems"])
      expect(
        refusal(() => sanitizeJson(["a"], { [bound]: Number.NaN })),
        bound,
      ).toMatch(/^(USAGE|LIMIT)_/);
  });

  it("of the report: a thousand entries, none with a path beyond a thousand characters", () => {
    const many = sanitizeJson(Array.from({ length: 1500 }, () => "<b>"));
    expect([many.report.length, many.omitted, many.changed]).toEqual([1000, 500, true]);
    const long = sanitizeJson({ ["k".repeat(2000)]: ["<b>", "<c>"], a: "<d>" });
    expect([long.report.map(({ path }) => path), long.omitted]).toEqual([["/a"], 2]);
  });

  it("a signal ends it, and so does a deadline", () => {
    const stop = new AbortController();
    stop.abort();
    expect(refusal(() => sanitizeJson({}, { signal: stop.signal }))).toMatch(/^NETWORK_ABORTED/);
    let looked = 0;
    const deadline = {
      get aborted() {
        return ++looked > 3;
      },
    };
    expect(refusal(() => sanitizeJson([1, 2, 3, 4], { signal: deadline }))).toMatch(/^NETWORK_ABORTED/);
  });
});

describe("what is no JSON", () => {
  it("is refused by its place", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const cases: [unknown, string][] = [
      [undefined, "USAGE_INVALID  cannot clean the value: it is undefined, want"],
      [{ a: [Number.NaN] }, "USAGE_INVALID /a/0 cannot clean /a/0: it is NaN, want"],
      [[1n], "USAGE_INVALID /0 cannot clean /0: it is a bigint, want"],
      [{ f: () => 1 }, "USAGE_INVALID /f cannot clean /f: it is a function, want"],
      [new Date(), "USAGE_INVALID  cannot clean the value: it is an instance of Date, want"],
      [[new Map()], "USAGE_INVALID /0 cannot clean /0: it is an instance of Map, want"],
      [new Array(2), "USAGE_INVALID /0 cannot clean /0: it is undefined, want"],
      [circle, "USAGE_DEPTH"],
    ];
    for (const [value, wanted] of cases) expect(refusal(() => sanitizeJson(value))).toContain(wanted);
  });

  it("objects without a prototype are JSON", () => {
    expect(sanitizeJson(Object.assign(Object.create(null), { a: "<b>" })).value).toEqual({ a: "< b>" });
  });
});
