import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { harmless, inert } from "../../../tests/support/corpus.ts";
import { sanitizeLine, sanitizeText } from "./index.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const pieces = fc.constantFrom(
  ..."<>/!?= '\"abs\0\u0001\t\n\r\u0301\u00e9\u202e\ud800\udc00\u2028\u212a",
  "<script>",
  "</script>",
  "<style",
  "</style >",
  "<!--",
  "-->",
  "<svg>",
  "</svg>",
  "<![CDATA[",
  "]]>",
  "<object/>",
  "</object>",
  "<link href=x>",
);
const tangled = fc.array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 2 })), { maxLength: 25 });

describe("sanitizeText()", () => {
  it.each(harmless)("keeps $given", ({ given, wanted }) => {
    expect(sanitizeText(given).text).toBe(wanted);
  });

  it("keeps what only looks like markup", () => {
    for (const { text } of inert) expect(sanitizeText(text).text).toBe(text);
  });

  it.each([
    ["a<script>x</script>b", "ab"],
    ["a<SCRIPT src='>'>x</SCRIPT x=y>b", "ab"],
    ["a<\u202eb<script>x</script>c", "a< bc"],
    ["a<\u212ab<style>x</style>c", "a< Kbc"],
    ["<scr\0ipt>x</scr\u202eipt>a", "a"],
    ["a\r\n<style>\r\n</style>\r\nb", "a\r\n\r\nb"],
    ["😀<script>😀</script>😀", "😀😀"],
    ["<script><!--<script>a</script>b--></script>c", "c"],
    ["<svg><title></svg><script>x</script>a", "a"],
    ["<svg><svg></svg>a", "< svg>a"],
    ["<svg/>a<svg b='/>'/>c", "ac"],
    ["<object><object>a</object>b</object>c", "c"],
    ["<object><svg></object>a</svg>b", "a< /svg>b"],
    ["<link>a<link href=x>b<LINK REL=y>c", "< link>abc"],
    ["<textarea><script>x</script></textarea>", "< textarea>< /textarea>"],
    ["<scr<script>x</script>ipt>", "< scr< script>x< /script>ipt>"],
    ["<<script>x</script>script>a", "< script>a"],
    ["<script>a <script>b", "< script>a < script>b"],
    ["<style>a <script>b</script>c", "< style>a c"],
    ["<!-- <script>a</script> -->b", "< !-- < script>a< /script> -->b"],
    ["<a href='<script>x</script>'>b", "< a href='< script>x< /script>'>b"],
    ["<iframe>a</iframe><noscript>b</noscript><template>c</template><math>d</math>e", "e"],
  ])("%j becomes %j", (given, wanted) => {
    expect(sanitizeText(given).text).toBe(wanted);
  });

  it("says what was done, in order", () => {
    const { kinds, elements } = sanitizeText("\0\u202e\ud800e\u0301<script></script><style></style><b>");
    expect(kinds).toEqual(["element", "control", "direction", "surrogate", "normal", "markup"]);
    expect(elements).toEqual(["script", "style"]);
    expect(sanitizeText("a < b 😀")).toEqual({ text: "a < b 😀", kinds: [], elements: [] });
  });

  it(`keeps nothing that opens a tag, tricks or ends a text; the second time changes nothing (SEED=${seed})`, () => {
    const property = fc.property(tangled, (parts) => {
      const { text } = sanitizeText(parts.join(""));
      expect(text).not.toMatch(/<[A-Za-z/!?]|(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u);
      expect(text.normalize("NFC")).toBe(text);
      expect(sanitizeText(text)).toEqual({ text, kinds: [], elements: [] });
    });
    fc.assert(property, { seed, numRuns: 2000 });
  });

  it(`adds nothing but spaces, and takes nothing but what it names (SEED=${seed})`, () => {
    const property = fc.property(tangled, (parts) => {
      const given = parts.join("");
      const { text, kinds } = sanitizeText(given);
      expect(text === given).toBe(kinds.length === 0);
      if (kinds.every((kind) => kind === "markup"))
        expect(text.replaceAll("< ", "<")).toBe(given.replaceAll("< ", "<"));
    });
    fc.assert(property, { seed, numRuns: 2000 });
  });
});

describe("sanitizeLine()", () => {
  it("makes one trimmed line", () => {
    expect(sanitizeLine(" \ta\r\n\tb\u2028c\u00a0\n").text).toBe("a b c");
    expect(sanitizeLine("<\nb>")).toEqual({ text: "< b>", kinds: ["line"], elements: [] });
    expect(sanitizeLine("plain")).toEqual({ text: "plain", kinds: [], elements: [] });
  });

  it(`changes nothing the second time (SEED=${seed})`, () => {
    const property = fc.property(tangled, (parts) => {
      const { text } = sanitizeLine(parts.join(""));
      expect(text).toBe(text.trim());
      expect(text).not.toMatch(/[\t\n\r\u2028\u2029]|<[A-Za-z/!?]/);
      expect(sanitizeLine(text)).toEqual({ text, kinds: [], elements: [] });
    });
    fc.assert(property, { seed, numRuns: 2000 });
  });
});
