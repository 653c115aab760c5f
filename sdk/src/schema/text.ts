import * as z from "zod/mini";
import { clean } from "../sanitize/clean.ts";

/** As the database's `is_free_of_controls`: tab and line ends are text. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;
const LINE_END = /[\t\n\r\u2028\u2029]/;
/** Overrides, embeddings and isolates of direction: they make text read as something else. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

type Rule = (text: string) => string | null;

/** One line: NFC, trimmed, cleaned of markup; counted in characters as Postgres counts them. */
export function plainLine(min: number, max: number): z.ZodMiniType<string, string> {
  const line: Rule = (text) => (LINE_END.test(text) ? "one line, without tabs" : faultInText(text));
  return textOf(min, max, (value) => tidy(value.trim()), line);
}

/** Text of many lines: NFC, cleaned of markup. */
export function plainText(max: number): z.ZodMiniType<string, string> {
  return textOf(0, max, tidy, faultInText);
}

/** What the SDK does to every text before it leaves; the database refuses what is not so. */
export function tidy(text: string): string {
  return clean(text.normalize("NFC"));
}

/** What no text may hold, or null. */
export function faultInText(text: string): string | null {
  if (CONTROL.test(text)) return "text without control characters";
  if (BIDI.test(text)) return "text without direction overrides";
  return LONE_SURROGATE.test(text) ? "text without half characters" : null;
}

function textOf(min: number, max: number, tidied: (value: string) => string, rule: Rule) {
  const bounds = min === 0 ? `at most ${max} characters` : `${min} to ${max} characters`;
  return z.pipe(
    z.string("text"),
    z.transform((value: string, context) => {
      const text = tidied(value);
      const length = [...text].length;
      const fault = rule(text) ?? (length < min || length > max ? bounds : null);
      if (fault) context.issues.push({ code: "custom", message: fault, input: value });
      return text;
    }),
  );
}
