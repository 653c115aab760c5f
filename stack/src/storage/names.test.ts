import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkBucketName, checkName } from "./names.ts";

describe("checkName()", () => {
  it.each([
    "a",
    "a/b.c",
    "folder/My file (1), v2 & more!.tar.gz",
    "a/.hidden",
    "..a/b..",
    "x".repeat(1024),
    "$@=;:+?'*",
  ])("%j is a name", (name) => {
    expect(() => checkName(name)).not.toThrow();
  });

  it.each([
    "",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "a\\b",
    "a\u0000",
    "a\nb",
    "é",
    "a\u202eb",
    "ａ",
    "a%2fb",
    "a#b",
    "a~",
    "[a]",
    "x".repeat(1025),
    null,
    7,
  ])("%j is none", (name) => {
    expect(() => checkName(name)).toThrow(/^Invalid key/);
  });

  it("whatever passes stays itself in a URL, and names no folder above", () => {
    const name = fc.string({
      unit: fc.constantFrom("a", "Z", "0", "/", ".", "-", "_", " ", "%", "\\", "é", "?", "#", "\n"),
    });
    fc.assert(
      fc.property(name, (text) => {
        try {
          checkName(text);
        } catch {
          return;
        }
        const url = new URL(`http://x/object/b/${text.split("/").map(encodeURIComponent).join("/")}`);
        expect(decodeURIComponent(url.pathname)).toBe(`/object/b/${text}`);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("checkBucketName()", () => {
  it.each(["a", "My bucket", "x".repeat(100)])("%j is a name", (name) => {
    expect(() => checkBucketName(name)).not.toThrow();
  });
  it.each(["", "a/b", " a", "a ", "..", ".", "x".repeat(101), "ü", undefined])("%j is none", (name) => {
    expect(() => checkBucketName(name)).toThrow("Bucket name invalid");
  });
});
