import { describe, expect, it } from "vitest";
import { sameContent, sameValue } from "./same.ts";

describe("sameContent()", () => {
  it("looks at what was sent, in any writing of times and any order of keys", () => {
    const stored = {
      id: "1",
      title: "a",
      due_at: "2030-01-01T08:00:00+00:00",
      custom: { b: 1, a: [1, { c: null }] },
    };
    expect(
      sameContent({ due_at: "2030-01-01T10:00:00+02:00", custom: { a: [1, { c: null }], b: 1 } }, stored),
    ).toBe(true);
    expect(sameContent({}, stored)).toBe(true);
    expect(sameContent({ title: "b" }, stored)).toBe(false);
    expect(sameContent({ due_at: "2030-01-01T10:00:01+02:00" }, stored)).toBe(false);
    expect(sameContent({ missing: null }, stored)).toBe(false);
  });

  it("tells lists from objects, and order within lists", () => {
    expect(sameValue([1, 2], [2, 1])).toBe(false);
    expect(sameValue([], {})).toBe(false);
    expect(sameValue({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(sameValue(null, {})).toBe(false);
    expect(sameValue("2030-01-01", "2030-01-02")).toBe(false);
  });
});
