import { describe, expect, it } from "vitest";
import { dangerous } from "./canaries.ts";
import { findDangerous } from "./elements.ts";
import { selfTest } from "./index.ts";
import { type ReadTags, readTags } from "./library.ts";
import { createSanitizer } from "./sanitizer.ts";

describe("the self-test", () => {
  it("passes with the library as it is", () => {
    expect(createSanitizer(readTags).text("<script>x</script>").text).toBe("");
    expect(selfTest).not.toThrow();
  });

  const sabotaged: Record<string, ReadTags> = {
    "that reads nothing": () => {},
    "that throws": () => {
      throw new Error("broken");
    },
    "that misses end tags": (text, onTag) =>
      readTags(text, (tag) => (tag.closing ? { mode: "markup", foreign: false } : onTag(tag))),
    "that gives another name": (text, onTag) =>
      readTags(text, (tag) => onTag({ ...tag, name: `x-${tag.name}` })),
    "that keeps letter case": (text, onTag) =>
      readTags(text, (tag) => onTag({ ...tag, name: text.slice(tag.start).match(/[a-z]+/i)?.[0] ?? "" })),
    "that counts places wrongly": (text, onTag) =>
      readTags(text, (tag) => onTag({ ...tag, end: tag.end + 1 })),
    "that loses attributes": (text, onTag) => readTags(text, (tag) => onTag({ ...tag, attributes: [] })),
    "that reads scripts as markup": (text, onTag) =>
      readTags(text, (tag) => ({ ...onTag(tag), mode: "markup" })),
    "that knows no sections": (text, onTag) => readTags(text, (tag) => ({ ...onTag(tag), foreign: false })),
    "that ignores />": (text, onTag) => readTags(text, (tag) => onTag({ ...tag, selfClosing: false })),
  };

  it.each(Object.entries(sabotaged))("refuses to serve with a library %s", (_what, library) => {
    expect(() => createSanitizer(library)).toThrow(/refuses to serve|broken/);
  });

  it.each(dangerous)("would miss %j, did the library not see it", (canary) => {
    const blind: ReadTags = (text, onTag) => {
      if (!text.includes(canary.replaceAll("\0", ""))) readTags(text, onTag);
    };
    expect(() => createSanitizer(blind)).toThrow("refuses to serve");
  });
});

describe("findDangerous()", () => {
  it("reads a text at most once for each raw element and once more, whatever eve repeats", () => {
    let characters = 0;
    const counting: ReadTags = (text, onTag) => {
      characters += text.length;
      readTags(text, onTag);
    };
    const raws = ["script", "style", "iframe", "noscript", "noembed", "noframes"];
    for (const piece of [
      ...raws.map((name) => `<${name}>`),
      raws.map((name) => `<${name}>`).join(""),
      "<script><!--<script></script>",
      "<script></script ",
      "<style></style a='",
    ]) {
      characters = 0;
      const text = piece.repeat(300);
      findDangerous(text, counting);
      expect(characters, piece).toBeLessThanOrEqual(text.length * (raws.length + 1));
    }
  });

  it("finds elements of a long text in order, none within another", () => {
    const text = "<svg><object></svg><script>1</script></object>a<svg><svg></svg></svg>".repeat(200);
    const ranges = findDangerous(text, readTags);
    expect(ranges).toHaveLength(600);
    for (const [at, { start }] of ranges.entries())
      expect(start).toBeGreaterThanOrEqual(ranges[at - 1]?.end ?? 0);
  });
});
