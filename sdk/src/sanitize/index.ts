/**
 * `@trackit/sdk/sanitize`: text and JSON from anywhere made fit for TrackIt. The same code runs in browsers, in Node
 * and in the `sanitize` edge function. Load it by `import()` where it is needed: it carries an HTML tokenizer.
 */
import type { Sanitized, SanitizeOptions } from "./json.ts";
import { readTags } from "./library.ts";
import { createSanitizer } from "./sanitizer.ts";
import type { CleanedText } from "./text.ts";

export { clean } from "./clean.ts";
export { SanitizeError, type SanitizeErrorCode } from "./error.ts";
export type { Sanitized, SanitizeOptions } from "./json.ts";
export type { Change } from "./report.ts";
export type { ChangeKind, CleanedText } from "./text.ts";

const sanitizer = createSanitizer(readTags);

/**
 * Cleans every text and every key of a JSON value. Dangerous elements go with their content, whatever else could be
 * read as markup gets one space behind its `<`, and control characters, direction overrides and loose accents go: what
 * comes out passes the database's `plain_text` and `json_is_plain`, their bounds aside. Cleaning twice changes nothing
 * more. The value that was given stays as it is.
 *
 * @param options bounds and a signal
 * @returns the cleaned value, and what was changed
 * @throws SanitizeError USAGE_DEPTH or LIMIT_SIZE beyond a bound; USAGE_INVALID for what is no JSON, for keys that
 * reach for prototypes, and for keys that are one when cleaned; NETWORK_ABORTED when the signal ends it
 *
 * @example
 * ```ts
 * import { sanitizeJson } from "@trackit/sdk/sanitize";
 *
 * const { value, report } = sanitizeJson({ title: "Run <script>steal()</script>fast", pace: "a < b" });
 * // value:  { title: "Run fast", pace: "a < b" }
 * // report: [{ path: "/title", in: "value", kinds: ["element"], elements: ["script"], before: 32, after: 8 }]
 * ```
 */
export function sanitizeJson(value: unknown, options?: SanitizeOptions): Sanitized {
  return sanitizer.json(value, options);
}

/** Cleans one text of any number of lines, and says what was done. */
export function sanitizeText(text: string): CleanedText {
  return sanitizer.text(text);
}

/** Cleans a text for one line: as sanitizeText(), and line ends and tabs become spaces, outer space goes. */
export function sanitizeLine(text: string): CleanedText {
  return sanitizer.line(text);
}

/** Tries the sanitizer out on its canaries, as loading it has done already. @throws Error where one survives */
export function selfTest(): void {
  sanitizer.selfTest();
}
