import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clean } from "./clean.ts";

const markup = fc.string({
  unit: fc.constantFrom("<", ">", "/", "!", "?", "a", "Z", " ", "1", "=", "é", "𝒳"),
});

describe("clean()", () => {
  it("leaves no way to open a tag, and changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.oneof(markup, fc.string({ unit: "binary" })), (text) => {
        const cleaned = clean(text);
        expect(cleaned).not.toMatch(/<[A-Za-z/!?]/);
        expect(clean(cleaned)).toBe(cleaned);
      }),
    );
  });

  it("adds nothing but spaces, and only after a <", () => {
    fc.assert(
      fc.property(markup, (text) => {
        expect(clean(text).replaceAll("< ", "<")).toBe(text.replaceAll("< ", "<"));
      }),
    );
  });

  it("keeps text that is no markup as it was written", () => {
    for (const text of ["a < b", "1<2", "<3", "x <= y", "<", "<<", "< a"]) expect(clean(text)).toBe(text);
  });

  it("neutralises tags, end tags, comments and processing instructions", () => {
    expect(clean("<script>x</script><!-- y --><?php")).toBe("< script>x< /script>< !-- y -->< ?php");
  });
});
