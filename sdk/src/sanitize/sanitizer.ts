import { dangerous, harmless, SENTINEL, spaced } from "./canaries.ts";
import { cleanJson, type Sanitized, type SanitizeOptions } from "./json.ts";
import type { ReadTags } from "./library.ts";
import { type CleanText, createCleanLine, createCleanText } from "./text.ts";

export interface Sanitizer {
  text: CleanText;
  line: CleanText;
  json(value: unknown, options?: SanitizeOptions): Sanitized;
  selfTest(): void;
}

/**
 * Puts the sanitizer together and tries it out.
 * @throws Error where a canary survives: better no answer than an unclean one
 */
export function createSanitizer(readTags: ReadTags): Sanitizer {
  const text = createCleanText(readTags);
  const sanitizer: Sanitizer = {
    text,
    line: createCleanLine(text),
    json: (value, options = {}) => cleanJson(value, text, options),
    selfTest: () => selfTest(sanitizer),
  };
  sanitizer.selfTest();
  return sanitizer;
}

function selfTest({ text, json }: Sanitizer): void {
  const expected = [...harmless.map((one) => [one, one] as const), ...spaced];
  for (const [given, wanted] of expected)
    if (text(given).text !== wanted) throw refusal(given, text(given).text, JSON.stringify(wanted));
  for (const given of dangerous) {
    // Between words, in keys and in values: what stands around must stay, and the canary must not.
    const { value } = json([{ [`a ${given} b`]: `a ${given} b` }]);
    const cleaned = JSON.stringify(value);
    if (
      !/^\[\{"a .*b":"a .*b"\}\]$/s.test(cleaned) ||
      cleaned.includes(SENTINEL) ||
      /<[A-Za-z/!?]/.test(cleaned)
    )
      throw refusal(given, cleaned, "the element gone and the words around it kept");
  }
}

const refusal = (given: string, cleaned: string, wanted: string) =>
  new Error(`the sanitizer refuses to serve: ${JSON.stringify(given)} became ${cleaned}, want ${wanted}`);
