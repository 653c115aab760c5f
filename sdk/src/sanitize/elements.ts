import type { Reading, ReadTags, Tag } from "./library.ts";

/** From the first character of a start tag to behind the last of its end tag. */
export interface Range {
  start: number;
  end: number;
  name: string;
}

/** Elements whose content browsers read as characters, in the parser's words for it. */
const raw: ReadonlyMap<string, Reading["mode"]> = new Map([
  ["script", "script"],
  ["style", "raw"],
  ["iframe", "raw"],
  ["noscript", "raw"],
  ["noembed", "raw"],
  ["noframes", "raw"],
]);

/** Elements that hold others, and go with all of them. svg and math run scripts and change how text is read. */
const containers: ReadonlySet<string> = new Set([
  "object",
  "applet",
  "template",
  "svg",
  "math",
  "frameset",
  "portal",
  "fencedframe",
]);

/** Elements without content, dangerous by an attribute alone: `List<Link>` is code, `<link href=…>` is not. */
const voids: ReadonlyMap<string, readonly string[]> = new Map([
  ["embed", ["src", "type"]],
  ["frame", ["src"]],
  ["link", ["href", "rel"]],
  ["meta", ["content", "http-equiv", "charset", "name"]],
  ["base", ["href", "target"]],
  ["bgsound", ["src"]],
]);

const names = [...raw.keys(), ...containers, ...voids.keys()].join("|");

/** Whether a text is worth reading tag by tag. */
const telltale = new RegExp(`<(?:${names})[\\t\\n\\f\\r />]`, "i");

const isForeign = (name: string) => name === "svg" || name === "math";

/**
 * Finds the dangerous elements of a text, where a browser would see them. An element counts once its end tag is there
 * (or an attribute that makes it dangerous, where it has no content): "the <script> tag" is prose, and taking
 * everything behind it would lose text. Linear in the text's length.
 * @returns ranges in order, none within another
 */
export function findDangerous(text: string, readTags: ReadTags): Range[] {
  if (!telltale.test(text)) return [];
  const search = new Search(lastForeignEnd(text));
  for (let from = 0; from < text.length; ) {
    const base = from;
    readTags(text.slice(base), (tag) =>
      search.meet({ ...tag, start: base + tag.start, end: base + tag.end }),
    );
    from = search.giveUp() ?? text.length;
  }
  return search.found;
}

/** Where the last end tag of svg or math begins: one that starts behind it never ends, and is none. */
function lastForeignEnd(text: string): number {
  let last = -1;
  for (const { index } of text.matchAll(/<\/(?:svg|math)[\t\n\f\r />]/gi)) last = index;
  return last;
}

class Search {
  readonly found: Range[] = [];
  /** Open containers, innermost last, and how many of each name there are. */
  #open: { name: string; start: number }[] = [];
  #count = new Map<string, number>();
  #raw: { name: string; start: number; resume: number } | null = null;
  /** Raw elements that have once run to the end of the text: looking for an end again each time would be quadratic. */
  #endless = new Set<string>();

  readonly #foreignEnd: number;

  constructor(foreignEnd: number) {
    this.#foreignEnd = foreignEnd;
  }

  meet(tag: Tag): Reading {
    if (tag.closing) this.#close(tag);
    else this.#start(tag);
    const mode = (this.#raw && raw.get(this.#raw.name)) ?? "markup";
    return { mode, foreign: this.#inForeign() };
  }

  /** At the end of the text: where to read on, when it ended within a raw element that then is none. */
  giveUp(): number | null {
    const unclosed = this.#raw;
    if (!unclosed) return null;
    this.#raw = null;
    this.#endless.add(unclosed.name);
    return unclosed.resume;
  }

  #start({ name, attributes, selfClosing, start, end }: Tag): void {
    const foreign = this.#inForeign();
    if (isForeign(name) && !selfClosing && start > this.#foreignEnd) return;
    const harm = voids.get(name);
    if (harm) {
      if (attributes.some((attribute) => harm.includes(attribute))) this.#take({ start, end, name });
    } else if (raw.has(name) && !foreign) {
      if (!this.#endless.has(name)) this.#raw = { name, start, resume: end };
    } else if (raw.has(name) || containers.has(name)) {
      // "/>" closes in svg and math only; elsewhere browsers ignore it.
      if (selfClosing && (foreign || isForeign(name))) this.#take({ start, end, name });
      else this.#push(name, start);
    }
  }

  #close({ name, start, end }: Tag): void {
    if (this.#raw?.name === name) {
      this.#take({ start: this.#raw.start, end, name });
      this.#raw = null;
      return;
    }
    if (!this.#count.get(name)) return;
    let opened = { name: "", start };
    while (opened.name !== name) opened = this.#pop() ?? { name, start };
    this.#take({ start: opened.start, end, name });
  }

  #push(name: string, start: number): void {
    this.#open.push({ name, start });
    this.#count.set(name, (this.#count.get(name) ?? 0) + 1);
  }

  #pop(): { name: string; start: number } | undefined {
    const opened = this.#open.pop();
    if (opened) this.#count.set(opened.name, (this.#count.get(opened.name) ?? 0) - 1);
    return opened;
  }

  #inForeign(): boolean {
    return (this.#count.get("svg") ?? 0) + (this.#count.get("math") ?? 0) > 0;
  }

  #take(range: Range): void {
    while ((this.found.at(-1)?.start ?? -1) >= range.start) this.found.pop();
    this.found.push(range);
  }
}
