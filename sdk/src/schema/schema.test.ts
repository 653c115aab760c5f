import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clean } from "../sanitize/clean.ts";
import { signUp, username } from "./account.ts";
import { check } from "./check.ts";
import { newGoal } from "./goal.ts";
import { JSON_MAX_BYTES, jsonObject } from "./json.ts";
import { newTask } from "./task.ts";
import { plainLine, plainText } from "./text.ts";

const faultOf = (schema: Parameters<typeof check>[0], input: unknown) => {
  const result = check(schema, input);
  return result.ok ? null : result.fault;
};

describe("text", () => {
  it("is normalised, trimmed and cleaned, and never refused for markup", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("<", "b", "/", "e\u0301", "<\u0338", " ", ">") }),
        (text) => {
          const result = check(plainText(10_000), text);
          expect(result).toMatchObject({ ok: true, value: clean(text.normalize("NFC")) });
        },
      ),
    );
    expect(check(plainLine(1, 10), "  e\u0301  ")).toEqual({ ok: true, value: "é" });
  });

  it("counts characters as the database does, not code units", () => {
    expect(check(plainLine(1, 3), "😀😀😀").ok).toBe(true);
    expect(faultOf(plainLine(1, 3), "😀😀😀😀")?.rule).toBe("1 to 3 characters");
  });

  it.each(["a\u0000b", "a\u0007b", "a\u0085b", "a\u202eb", "a\u2067b", "a\ud800b"])(
    "refuses %j anywhere",
    (text) => {
      expect(faultOf(plainLine(1, 10), text)).not.toBeNull();
      expect(faultOf(plainText(10), text)).not.toBeNull();
      expect(faultOf(jsonObject, { a: [text] })).not.toBeNull();
      expect(faultOf(jsonObject, { [text]: 1 })).not.toBeNull();
    },
  );

  it("of one line has no line ends or tabs; text of many lines may", () => {
    for (const text of ["a\nb", "a\tb", "a\rb", "a\u2028b"]) {
      expect(faultOf(plainLine(1, 10), text)).not.toBeNull();
      expect(check(plainText(10), text)).toEqual({ ok: true, value: text });
    }
  });
});

describe("JSON of one's own", () => {
  it("is bounded in depth and size, and plain", () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
    expect(check(jsonObject, nested(6)).ok).toBe(true);
    expect(faultOf(jsonObject, nested(7))?.rule).toContain("levels");
    expect(check(jsonObject, { a: "x".repeat(JSON_MAX_BYTES - 9) }).ok).toBe(true);
    expect(faultOf(jsonObject, { a: "x".repeat(JSON_MAX_BYTES - 8) })?.rule).toContain("bytes");
    for (const value of [
      [],
      "x",
      null,
      { a: undefined },
      { a: new Date() },
      { a: Number.POSITIVE_INFINITY },
      { a: 1n },
    ]) {
      expect(faultOf(jsonObject, value)).not.toBeNull();
    }
  });

  it("loses no field to cleaning: keys that become the same are refused", () => {
    expect(faultOf(jsonObject, { "<a": 1, "< a": 2 })?.rule).toContain("differ");
    expect(faultOf(jsonObject, { x: { "e\u0301": 1, "\u00e9": 2 } })?.rule).toContain("differ");
    expect(check(jsonObject, JSON.parse('{"__proto__": {"a": 1}}'))).toMatchObject({ ok: true });
  });

  it("is cleaned within, keys too", () => {
    expect(check(jsonObject, { "<a": ["<b", { c: "x < y" }] })).toEqual({
      ok: true,
      value: { "< a": ["< b", { c: "x < y" }] },
    });
  });
});

describe("faults", () => {
  it("name the field by its path, the value and the rule", () => {
    expect(faultOf(newGoal, {})).toMatchObject({ kind: "invalid", field: "title", rule: "given (text)" });
    expect(faultOf(newTask, { title: "x", tags: ["a", 1] })).toMatchObject({
      field: "tags.1",
      value: 1,
      rule: "text",
    });
    expect(faultOf(newTask, { title: "x", tagz: [] })).toMatchObject({ kind: "unknown", field: "tagz" });
    expect(faultOf(newGoal, null)).toMatchObject({ kind: "invalid", field: "" });
    expect(faultOf(newGoal, { title: 5 })).toMatchObject({ field: "title", value: 5, rule: "text" });
  });

  it("of sign-up say what a username and an address look like", () => {
    const base = { email: "ada@example.com", password: "x", username: "ada" };
    expect(check(signUp, base).ok).toBe(true);
    expect(faultOf(signUp, { ...base, email: "ada" })).toMatchObject({
      field: "email",
      rule: "an e-mail address",
    });
    expect(faultOf(signUp, { ...base, password: "x".repeat(73) })).toMatchObject({ field: "password" });
    for (const name of ["ab", "-ada", "ada-", "a d a", "ádá", "x".repeat(31)])
      expect(check(username, name).ok).toBe(false);
  });
});
