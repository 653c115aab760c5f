import * as z from "zod/mini";
import { faultInText, tidy } from "./text.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The bounds of the database's `json_is_plain`. */
export const JSON_MAX_BYTES = 16_384;
export const JSON_MAX_DEPTH = 6;
const TEXT_MAX = 20_000;

/** A JSON object whose text and keys are tidied, bounded in size and depth. */
export const jsonObject: z.ZodMiniType<{ [key: string]: Json }, unknown> = z.pipe(
  z.unknown(),
  z.transform((value: unknown, context) => {
    const rule = isPlainObject(value) ? faultIn(value, 0) : "a JSON object";
    const result = rule ? {} : (tidied(value) as { [key: string]: Json });
    const fault =
      rule ?? (storedBytes(result) > JSON_MAX_BYTES ? `at most ${JSON_MAX_BYTES} bytes of JSON` : null);
    if (fault) context.issues.push({ code: "custom", message: fault, input: value });
    return result;
  }),
);

function faultIn(value: unknown, level: number): string | null {
  if (level > JSON_MAX_DEPTH) return `JSON at most ${JSON_MAX_DEPTH} levels deep`;
  if (value === null || typeof value === "boolean") return null;
  if (typeof value === "number") return Number.isFinite(value) ? null : "JSON without NaN or Infinity";
  if (typeof value === "string") return faultInString(value);
  if (!Array.isArray(value) && !isPlainObject(value)) return "plain JSON (no undefined, dates or classes)";
  for (const [key, part] of Object.entries(value)) {
    const fault = faultInString(key) ?? faultIn(part, level + 1);
    if (fault) return fault;
  }
  return keysStayApart(value) ? null : "JSON keys that differ once they are cleaned";
}

/** Else one of two fields would be lost in silence. */
function keysStayApart(value: object): boolean {
  const keys = Object.keys(value);
  return new Set(keys.map(tidy)).size === keys.length;
}

function faultInString(text: string): string | null {
  if (text.length > TEXT_MAX) return `JSON text of at most ${TEXT_MAX} characters`;
  return faultInText(text);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function tidied(value: unknown): unknown {
  if (typeof value === "string") return tidy(value);
  if (Array.isArray(value)) return value.map(tidied);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [tidy(key), tidied(part)]));
}

/** jsonb writes one space after each comma and colon. */
function storedBytes(value: unknown): number {
  const indented = JSON.stringify(value, null, 1);
  const stored = indented
    .replace(/([[{])\n */g, "$1")
    .replace(/\n *([\]}])/g, "$1")
    .replace(/\n */g, " ");
  return new TextEncoder().encode(stored).length;
}
