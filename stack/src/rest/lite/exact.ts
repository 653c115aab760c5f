import { randomBytes } from "node:crypto";

/**
 * Numbers that a JavaScript number cannot hold (`bigint`, `numeric(20,8)`, `1.50`) travel through lite as
 * strings that begin with this mark, and lose it when lite's answer or its statement parameters are written.
 * The mark is random per process and never leaves it, so that no caller's text can be taken for one.
 * (`JSON.rawJSON`, made for this, is missing from Node 20.)
 */
const mark = `\u{e000}${randomBytes(16).toString("hex")}`;

const markedString = new RegExp(`"${mark}(-?[0-9][0-9.eE+-]*)"`, "g");
const jsonToken = /"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g;

/** A number in Postgres' text form: a JavaScript number where that is exact, a marked string where not. */
export function readNumber(text: string): number | string {
  const value = Number(text);
  if (String(value) === text && (!Number.isInteger(value) || Number.isSafeInteger(value))) return value;
  return Number.isFinite(value) ? mark + text : text;
}

/** Marks the numbers of a JSON text that parsing would round. */
export function markNumbers(json: string): string {
  return json.replace(jsonToken, (token) => {
    if (token.startsWith('"')) return token;
    const read = readNumber(token);
    return typeof read === "number" ? token : `"${read}"`;
  });
}

/** Turns marked strings in a JSON or CSV text back into the numbers that they stand for. */
export function unmarkNumbers(text: string): string {
  return text.includes(mark) ? text.replace(markedString, "$1").replaceAll(mark, "") : text;
}
