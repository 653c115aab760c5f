import { clean } from "./clean.ts";
import { findDangerous } from "./elements.ts";
import type { ReadTags } from "./library.ts";

/**
 * What was done to a text:
 * - `element`: a dangerous element went, with its content
 * - `markup`: a space was put after a `<` that would have opened a tag
 * - `control`: control characters went
 * - `direction`: characters that turn the direction of what follows went
 * - `surrogate`: halves of characters became U+FFFD
 * - `normal`: letters and their accents were joined (NFC)
 * - `line`: line ends and tabs became spaces, outer space went
 */
export type ChangeKind = "element" | "markup" | "control" | "direction" | "surrogate" | "normal" | "line";

export interface CleanedText {
  text: string;
  /** In the order in which it was done; empty where the text was clean. */
  kinds: readonly ChangeKind[];
  /** Names of the elements that went, each once. */
  elements: readonly string[];
}

/** Cleans one text. */
export type CleanText = (text: string) => CleanedText;

/** Anything that needs a second look: `<`, a control character, or what is not ASCII. */
const SUSPECT = /[^\t\n\r -;=-~]/;
/** As `is_free_of_controls` in the database, and NUL, which Postgres cannot hold. */
const CONTROL = /(?![\t\n\r])\p{Cc}/gu;
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g;
const HALF = /\p{Surrogate}/gu;
const NOT_ASCII = /[^\0-\x7f]/;
const NONE: readonly never[] = Object.freeze([]);
const LINE_END = /[\t\n\r\u2028\u2029]+/g;

/** @param readTags the library, or another in its place to see the self-test fail */
export function createCleanText(readTags: ReadTags): CleanText {
  return (given) => {
    if (!SUSPECT.test(given)) return { text: given, kinds: NONE, elements: NONE };
    const kinds: ChangeKind[] = [];
    const elements: string[] = [];
    let text = given;
    const step = (kind: ChangeKind, next: string) => {
      if (next === text) return;
      if (!kinds.includes(kind)) kinds.push(kind);
      text = next;
    };
    const cut = () => step("element", removeElements(text, elements, readTags));
    cut();
    const read = text;
    step("control", text.replace(CONTROL, ""));
    if (NOT_ASCII.test(text)) {
      step("direction", text.replace(DIRECTION, ""));
      step("surrogate", text.replace(HALF, "\ufffd"));
      step("normal", text.normalize("NFC"));
    }
    if (text !== read) {
      // Without what went, a browser would read it anew; and what an element stood between may combine.
      cut();
      step("normal", text.normalize("NFC"));
    }
    step("markup", clean(text));
    return { text, kinds, elements };
  };
}

/** The same for one line: line ends and tabs become spaces, and space at the ends goes. */
export function createCleanLine(cleanText: CleanText): CleanText {
  return (given) => {
    const { text, kinds, elements } = cleanText(given);
    const line = text.replace(LINE_END, " ").trim();
    return { text: line, kinds: line === text ? kinds : [...kinds, "line"], elements };
  };
}

/** @param names takes the names of the elements that went, each once */
function removeElements(text: string, names: string[], readTags: ReadTags): string {
  const kept: string[] = [];
  let at = 0;
  for (const { start, end, name } of findDangerous(text, readTags)) {
    kept.push(text.slice(at, start));
    at = end;
    if (!names.includes(name)) names.push(name);
  }
  return kept.length === 0 ? text : kept.join("") + text.slice(at);
}
