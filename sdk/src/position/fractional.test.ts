import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { between, isPosition } from "./fractional.ts";

describe("between()", () => {
  it("starts a list, appends and prepends", () => {
    expect(between(null, null)).toBe("a0");
    expect(between("a0", null)).toBe("a1");
    expect(between(null, "a0")).toBe("Zz");
    expect(between("az", null)).toBe("b00");
    expect(between("a0", "a1")).toBe("a0V");
  });

  it("keeps any sequence of insertions in order, with well-formed and distinct positions", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 300 }), (slots) => {
        const list: string[] = [];
        for (const slot of slots) {
          const at = slot % (list.length + 1);
          list.splice(at, 0, between(list[at - 1] ?? null, list[at] ?? null));
        }
        expect(list.every(isPosition)).toBe(true);
        expect(new Set(list).size).toBe(list.length);
        expect([...list].sort((a, b) => (a < b ? -1 : 1))).toEqual(list);
      }),
    );
  });

  it("stays short when rows are only appended or only prepended", () => {
    let [last, first] = ["a0", "a0"];
    for (let i = 0; i < 10_000; i++) {
      last = between(last, null);
      first = between(null, first);
    }
    expect(last.length).toBeLessThanOrEqual(4);
    expect(first.length).toBeLessThanOrEqual(4);
  });

  it("refuses edges in the wrong order and foreign text (USAGE_INVALID)", () => {
    expect(() => between("a1", "a0")).toThrowError(expect.objectContaining({ code: "USAGE_INVALID" }));
    expect(() => between("a0", "a0")).toThrowError(expect.objectContaining({ code: "USAGE_INVALID" }));
    expect(() => between("a00", null)).toThrowError(expect.objectContaining({ code: "USAGE_INVALID" }));
    expect(() => between("é", null)).toThrowError(expect.objectContaining({ code: "USAGE_INVALID" }));
  });
});
