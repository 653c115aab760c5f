import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob, Redirects } from "./redirects.ts";

const redirects = (...patterns: string[]) =>
  new Redirects({ siteUrl: "https://app.example", redirects: patterns });

describe("an entry of the allow-list", () => {
  it.each([
    ["https://*.example.com/in", "https://a.example.com/in", true],
    ["https://*.example.com/in", "https://a.b.example.com/in", false],
    ["https://*.example.com/in", "https://evil.com/.example.com/in", false],
    ["http://localhost:5173/**", "http://localhost:5173/", true],
    ["http://localhost:5173/**", "http://localhost:5173/a/b.c?d=e", true],
    ["http://localhost:5173/**", "http://localhost:5174/", false],
    ["http://localhost:517?/", "http://localhost:5179/", true],
    ["http://localhost:517?/", "http://localhost:517//", false],
    ["https://{a,b}.example.com/", "https://b.example.com/", true],
    ["https://{a,b}.example.com/", "https://c.example.com/", false],
    ["https://x[12].example.com/", "https://x2.example.com/", true],
    ["https://x[!12].example.com/", "https://x2.example.com/", false],
    ["trackit://confirm", "trackit://confirm", true],
    ["trackit://confirm", "trackit://confirm/more", false],
    ["https://example.com/a+b(c)", "https://example.com/a+b(c)", true],
    ["https://example.com/{a", "https://example.com/{a", true],
  ])("%s and %s: %s", (pattern, target, allowed) => {
    expect(redirects(pattern).allows(target)).toBe(allowed);
  });

  it("without wildcards matches itself and nothing else", () => {
    const plain = fc
      .string({ unit: fc.constantFrom(..."ab/:.?&=+$^(|)-") })
      .filter((text) => !text.includes("?"));
    fc.assert(
      fc.property(plain, plain, (pattern, other) => {
        expect(compileGlob(pattern).test(pattern)).toBe(true);
        expect(compileGlob(pattern).test(other)).toBe(pattern === other);
      }),
    );
  });

  it("never fails to compile, whatever is written in config.toml", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab*?[]{},!\\^-.") }), (p) => void compileGlob(p)),
    );
  });

  it("a single star crosses neither dot nor slash", () => {
    fc.assert(
      fc.property(fc.webUrl(), (url) => {
        const inside = url.slice("https://".length);
        expect(compileGlob("https://*").test(url)).toBe(url.startsWith("https://") && !/[./]/.test(inside));
      }),
    );
  });
});

describe("where a link leads", () => {
  it("the site itself on any path and port, nowhere else without an entry", () => {
    const own = redirects();
    expect(own.resolve("https://app.example/goals")).toBe("https://app.example/goals");
    expect(own.resolve("http://app.example:8080/")).toBe("http://app.example:8080/");
    expect(own.resolve("https://evil.example/")).toBe("https://app.example");
    expect(own.resolve(null)).toBe("https://app.example");
  });

  it("never by a form that browsers read otherwise than the list does", () => {
    const loose = redirects("https://**.app.example/**", "http://*/**");
    for (const target of [
      "https://evil.example\\.app.example/",
      "https://app.example@evil.example/",
      "https://user:pw@app.example/",
      "https://app.example/\n",
      "\thttps://app.example/",
      "javascript://app.example/%0aalert(1)",
      "data://app.example/x",
      "app.example",
    ]) {
      expect(loose.allows(target), target).toBe(false);
    }
  });
});
