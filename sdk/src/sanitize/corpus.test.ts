/** Whatever comes out, read as HTML in every place that a page may put it, is text. */
import fc from "fast-check";
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, html, parseFragment, serialize } from "parse5";
import { describe, expect, it } from "vitest";
import { harmless, inert, naughty, payloads } from "../../../tests/support/corpus.ts";
import { clean, sanitizeJson, sanitizeText } from "./index.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const { HTML, SVG, MATHML } = html.NS;
/** Elements of other rules of reading: plain, in tables, in lists of options, foreign, raw, escapable, unfinished. */
const contexts = [
  ...["body", "div", "p", "table", "tr", "td", "select", "option", "button", "form", "template", "a"].map(
    (name) => defaultTreeAdapter.createElement(name, HTML, []),
  ),
  ...["textarea", "title", "style", "xmp", "noscript", "plaintext", "caption", "li"].map((name) =>
    defaultTreeAdapter.createElement(name, HTML, []),
  ),
  ...["svg", "foreignObject", "desc", "title"].map((name) => defaultTreeAdapter.createElement(name, SVG, [])),
  ...["math", "mi", "annotation-xml"].map((name) => defaultTreeAdapter.createElement(name, MATHML, [])),
];

const isText = (node: DefaultTreeAdapterTypes.ChildNode) => node.nodeName === "#text";

/** Where an HTML parser sees more than text; empty where it sees none. */
function markupIn(text: string): string[] {
  return contexts.flatMap((context) =>
    [true, false].flatMap((scriptingEnabled) => {
      const { childNodes } = parseFragment(context, text, { scriptingEnabled });
      return childNodes.filter((node) => !isText(node)).map((node) => `${context.tagName}: ${node.nodeName}`);
    }),
  );
}

/** What becomes of a text that is written into an attribute and read again, by the standard's own serializer. */
function throughAttribute(text: string): string[] {
  const fragment = parseFragment("<p title=''></p>");
  const [paragraph] = fragment.childNodes;
  if (paragraph && "attrs" in paragraph && paragraph.attrs[0]) paragraph.attrs[0].value = text;
  return parseFragment(serialize(fragment)).childNodes.flatMap((node) =>
    "attrs" in node
      ? node.attrs.map(({ name, value }) => `${node.nodeName} ${name}=${value}`)
      : node.nodeName,
  );
}

const everything = [
  ...payloads,
  ...inert,
  ...harmless.map(({ given }) => ({ category: "harmless", text: given })),
  ...naughty.map((text) => ({ category: "naughty", text })),
];

/** Two payloads one within the other or one after the other: what goes may bring others about. */
const joined = fc
  .tuple(fc.constantFrom(...everything), fc.constantFrom(...everything), fc.nat())
  .map(([outer, inner, at]) => {
    const cut = at % (outer.text.length + 1);
    return outer.text.slice(0, cut) + inner.text + outer.text.slice(cut);
  });

describe("the corpus", () => {
  it("has its hundreds, each once", () => {
    expect(new Set(payloads.map(({ text }) => text)).size).toBe(payloads.length);
    expect(payloads.length).toBeGreaterThanOrEqual(500);
    expect(new Set(payloads.map(({ category }) => category)).size).toBeGreaterThanOrEqual(13);
    expect(naughty.length).toBeGreaterThan(450);
  });

  it("is dangerous: a parser sees markup in nearly every payload before it is cleaned", () => {
    const seen = payloads.filter(({ text }) => markupIn(text).length > 0);
    expect(seen.length).toBeGreaterThan(payloads.length * 0.9);
  });

  it("changes, every payload of it", () => {
    expect(payloads.filter(({ text }) => sanitizeText(text).text === text)).toEqual([]);
  });

  it("is text when it is cleaned, in every place of a page", () => {
    const survivors = everything.flatMap(({ category, text }) => {
      const cleaned = sanitizeText(text).text;
      return markupIn(cleaned).map((where) => `${category}: ${text} → ${cleaned} (${where})`);
    });
    expect(survivors).toEqual([]);
  });

  it("stays one attribute, whatever it holds", () => {
    for (const { text } of everything) {
      const cleaned = sanitizeText(text).text;
      // The parser reads CR LF as LF.
      const read = cleaned.replace(/\r\n?/g, "\n");
      expect(throughAttribute(cleaned)).toEqual([`p title=${read}`]);
    }
  });

  it("changes nothing more when it is cleaned again", () => {
    for (const { text } of everything) {
      const once = sanitizeText(text).text;
      expect(sanitizeText(once)).toEqual({ text: once, kinds: [], elements: [] });
    }
  });

  it("is cleaned as keys and values of one JSON value", () => {
    const given = everything.map(({ text }, at) => ({ [`${at}${text}`]: text, deep: [[text]] }));
    const { value, omitted, report } = sanitizeJson(given);
    expect(report.length + omitted).toBeGreaterThan(payloads.length * 3);
    expect(JSON.stringify(value)).not.toMatch(/<[A-Za-z/!?]/);
  });
});

it(`payloads within and behind each other are text, too (SEED=${seed})`, () => {
  const property = fc.property(joined, (text) => {
    const cleaned = sanitizeText(text).text;
    expect(markupIn(cleaned)).toEqual([]);
    expect(sanitizeText(cleaned).text).toBe(cleaned);
  });
  fc.assert(property, { seed, numRuns: 500 });
});

const dangerous = new Set([
  "script",
  "style",
  "iframe",
  "noscript",
  "object",
  "template",
  "svg",
  "math",
  "applet",
]);

/** Dangerous elements with their end, as the whole parser finds them: tags, nesting, foreign parts and all. */
function elementsIn(text: string): string[] {
  const found: string[] = [];
  const walk = (nodes: readonly DefaultTreeAdapterTypes.ChildNode[]): void => {
    for (const node of nodes) {
      if (!("childNodes" in node)) continue;
      const place = node.sourceCodeLocation;
      if (dangerous.has(node.tagName) && place?.endTag)
        found.push(text.slice(place.startOffset, place.endOffset));
      else walk(node.childNodes);
    }
  };
  walk(parseFragment(text, { sourceCodeLocationInfo: true }).childNodes);
  return found;
}

/** The element as it would read had it only been made harmless. */
const onlySpaced = (element: string) => clean(element.replace(/(?![\t\n\r])\p{Cc}/gu, "").normalize("NFC"));

it("a dangerous element goes with its content wherever the whole parser finds one", () => {
  const found = payloads.flatMap(({ text }) => elementsIn(text).map((element) => ({ text, element })));
  expect(found.length).toBeGreaterThan(100);
  const kept = found.filter(({ text, element }) => sanitizeText(text).text.includes(onlySpaced(element)));
  expect(kept).toEqual([]);
});
