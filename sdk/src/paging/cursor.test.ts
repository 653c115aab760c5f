import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";

describe("cursors", () => {
  it("read back as they were made, in letters that any address can carry", () => {
    const value = fc.oneof(fc.string({ unit: "grapheme" }), fc.integer());
    fc.assert(
      fc.property(value, fc.uuid(), (sort, id) => {
        const text = encodeCursor("created_at.asc", { value: sort, id });
        expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor("created_at.asc", text, "test")).toEqual({ value: sort, id });
      }),
    );
  });

  it("are refused for another order, and where they are none (USAGE_CURSOR)", () => {
    const text = encodeCursor("created_at.asc", { value: "x", id: "y" });
    expect(() => decodeCursor("created_at.desc", text, "test")).toThrow(
      expect.objectContaining({ code: "USAGE_CURSOR" }),
    );
    fc.assert(
      fc.property(fc.string(), (rubbish) => {
        expect(() => decodeCursor("position.asc", rubbish, "test")).toThrow(
          expect.objectContaining({ code: "USAGE_CURSOR", field: "after" }),
        );
      }),
    );
  });
});
